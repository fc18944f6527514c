package io.crij.e2e.survival;

import io.crij.linux.Fd;
import io.crij.linux.io.Descriptors;
import io.crij.linux.io.NativeBuffer;
import io.crij.monitor.v1.FdKind;
import io.crij.monitor.v1.SessionEnded;
import java.nio.charset.StandardCharsets;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** The streams of a session or of an attachment, whose output is read from the beginning. */
final class VisitorStreams implements AutoCloseable {
  private final String id;
  private final Map<FdKind, Fd> streams = new EnumMap<>(FdKind.class);
  private final Transcript transcript;
  private final CompletableFuture<SessionEnded> end = new CompletableFuture<>();

  VisitorStreams(String id, List<FdKind> kinds, List<Fd> descriptors) {
    this.id = id;
    for (int i = 0; i < kinds.size(); i++) {
      streams.put(kinds.get(i), descriptors.get(i));
    }
    Fd output = streams.get(FdKind.FD_KIND_STDOUT);
    transcript = new Transcript(output == null ? get(FdKind.FD_KIND_TTY) : output);
  }

  private Fd get(FdKind kind) {
    return Objects.requireNonNull(streams.get(kind), kind.name());
  }

  String id() {
    return id;
  }

  @Nullable Fd terminal() {
    return streams.get(FdKind.FD_KIND_TTY);
  }

  Transcript transcript() {
    return transcript;
  }

  /** Completed with how a session's process has ended. */
  CompletableFuture<SessionEnded> end() {
    return end;
  }

  /** Types it, on a terminal. */
  void type(String line) {
    byte[] bytes = (line + "\n").getBytes(StandardCharsets.UTF_8);
    NativeBuffer buffer = NativeBuffer.allocate(bytes.length);
    buffer.bytes().put(0, bytes);
    int written = Descriptors.write(get(FdKind.FD_KIND_TTY), buffer, 0, bytes.length);
    if (written != bytes.length) {
      throw new AssertionError("a terminal takes " + written + " bytes of a line only");
    }
  }

  @Override
  public void close() {
    transcript.close();
    streams.values().forEach(Fd::close);
  }
}
