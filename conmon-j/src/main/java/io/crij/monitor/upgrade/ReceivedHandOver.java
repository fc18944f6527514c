package io.crij.monitor.upgrade;

import io.crij.linux.Fd;
import io.crij.linux.exec.CloseOnExec;
import io.crij.linux.exec.SealedFile;
import io.crij.monitor.v1.HandOver;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the program before this one in the same process has left. */
public final class ReceivedHandOver {
  static final String VARIABLE = "CRIJ_HANDOVER";

  /** What this program writes, and the newest it reads. */
  public static final int FORMAT = 2;

  private static final int OLDEST_FORMAT = 1;

  private static final int MAX_BYTES = 64 << 20;

  private ReceivedHandOver() {}

  /**
   * Takes it over; from then on its descriptors are close-on-exec, as all others are.
   *
   * @return null for the first program of a process
   * @throws IOException when it cannot be read: the predecessor has checked that it can
   */
  public static @Nullable HandOver take() throws IOException {
    String number = System.getenv(VARIABLE);
    if (number == null) {
      return null;
    }
    HandOver handOver;
    try (Fd file = Fd.owning(Integer.parseInt(number))) {
      handOver = read(file);
    } catch (NumberFormatException e) {
      throw new IOException(VARIABLE + " is no number: " + number, e);
    }
    CloseOnExec.all();
    List<Integer> closed =
        Listing.numbers(handOver).stream().filter(n -> !CloseOnExec.isOpen(n)).toList();
    if (!closed.isEmpty()) {
      throw new IOException("not open, but handed over: " + closed);
    }
    return handOver;
  }

  static HandOver read(Fd file) throws IOException {
    HandOver handOver = HandOver.parseFrom(SealedFile.read(file, MAX_BYTES));
    if (handOver.getFormat() < OLDEST_FORMAT || handOver.getFormat() > FORMAT) {
      throw new IOException(
          "format " + handOver.getFormat() + " of a hand-over, known is up to " + FORMAT);
    }
    return handOver;
  }
}
