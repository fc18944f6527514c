package io.crij.monitor.upgrade;

import com.google.protobuf.ByteString;
import io.crij.linux.Fd;
import io.crij.monitor.v1.HandOver;
import io.crij.monitor.v1.HandOverProof;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The new program's part before it takes over, as a child of the old one with a copy of the
 * hand-over: it shows that it runs here and reads what the old one means.
 */
public final class CheckHandOver {
  public static final String FLAG = "--check-handover";

  private CheckHandOver() {}

  /** Reads the hand-over on stdin and writes the proof to stdout. */
  public static void run(String version) throws IOException {
    HandOver handOver;
    try (Fd in = Fd.owning(0)) {
      handOver = ReceivedHandOver.read(in);
    }
    HandOverProof proof =
        HandOverProof.newBuilder()
            .setVersion(version)
            .setArguments(ownArguments())
            .setDigest(Listing.digest(handOver))
            .build();
    OutputStream out = System.out;
    proof.writeTo(out);
    out.flush();
  }

  private static ByteString ownArguments() throws IOException {
    ByteString all = ByteString.copyFrom(Files.readAllBytes(Path.of("/proc/self/cmdline")));
    ByteString flag = ByteString.copyFrom(FLAG + "\0", StandardCharsets.UTF_8);
    if (!all.endsWith(flag)) {
      throw new IOException(FLAG + " is not the last argument");
    }
    return all.substring(0, all.size() - flag.size());
  }
}
