package io.crij.linux.exec;

import io.crij.linux.Fd;
import io.crij.linux.LinuxException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** A file in memory that nobody can change any more: memfd_create(2) with all seals. */
public final class SealedFile {
  private static final int MFD_CLOEXEC = 1;
  private static final int MFD_ALLOW_SEALING = 2;
  private static final int F_ADD_SEALS = 1033;
  private static final int F_GET_SEALS = 1034;

  /** F_SEAL_SEAL, F_SEAL_SHRINK, F_SEAL_GROW and F_SEAL_WRITE. */
  private static final int ALL_SEALS = 0xf;

  private SealedFile() {}

  /**
   * Makes one.
   *
   * @param name shown in {@code /proc}
   */
  public static Fd of(String name, byte[] content) {
    int number = ExecLibrary.memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (number < 0) {
      throw LinuxException.last("memfd_create", name);
    }
    Fd file = Fd.owning(number);
    try {
      Files.write(Path.of(file.procPath()), content, StandardOpenOption.WRITE);
      if (ExecLibrary.fcntl(number, F_ADD_SEALS, ALL_SEALS) != 0) {
        throw LinuxException.last("F_ADD_SEALS", name);
      }
      return file;
    } catch (IOException e) {
      file.close();
      throw new UncheckedIOException("write " + name + " in memory: " + e.getMessage(), e);
    } catch (LinuxException e) {
      file.close();
      throw e;
    }
  }

  /**
   * Reads one that came from elsewhere.
   *
   * @param maxBytes a larger one is refused
   * @throws IOException also when it can still be changed
   */
  public static byte[] read(Fd file, int maxBytes) throws IOException {
    int seals = ExecLibrary.fcntl(file.number(), F_GET_SEALS, 0);
    if ((seals & ALL_SEALS) != ALL_SEALS) {
      throw new IOException(file + " is no sealed file in memory");
    }
    Path path = Path.of(file.procPath());
    if (Files.size(path) > maxBytes) {
      throw new IOException(file + " has more than " + maxBytes + " bytes");
    }
    return Files.readAllBytes(path);
  }
}
