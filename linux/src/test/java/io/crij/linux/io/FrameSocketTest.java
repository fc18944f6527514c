package io.crij.linux.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crij.linux.Errno;
import io.crij.linux.Fd;
import io.crij.linux.LinuxException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
final class FrameSocketTest {
  @TempDir Path folder;
  private Path path = Path.of("/");

  @BeforeEach
  void longPath() throws Exception {
    // Beyond what struct sockaddr_un holds.
    path = Files.createDirectory(folder.resolve("d".repeat(120))).resolve("s");
  }

  @Test
  void carriesFramesOfAnySizeBothWays() throws Exception {
    try (UnixListener listener = UnixListener.bind(path);
        FrameSocket client = FrameSocket.connect(path);
        FrameChannel server = accept(listener)) {
      assertThat(Files.getPosixFilePermissions(path))
          .isEqualTo(PosixFilePermissions.fromString("rw-------"));
      List<byte[]> frames = new ArrayList<>();
      Random random = new Random(1);
      for (int size : new int[] {0, 1, 3, 4, 65_531, 65_532, 65_533, 1_000_000, 5}) {
        byte[] frame = new byte[size];
        random.nextBytes(frame);
        frames.add(frame);
      }
      Thread sender =
          Thread.ofPlatform().start(() -> frames.forEach(f -> client.send(f, List.of())));
      for (byte[] frame : frames) {
        Frame got = next(server);
        assertThat(got.bytes()).isEqualTo(frame);
        server.queue(got.bytes(), List.of());
      }
      sender.join();
      Thread echo = Thread.ofPlatform().start(() -> flush(server));
      for (byte[] frame : frames) {
        assertThat(received(client).bytes()).isEqualTo(frame);
      }
      echo.join();
      assertThat(server.queuedBytes()).isZero();
    }
  }

  @Test
  void descriptorsStayWithTheirFrame() {
    try (UnixListener listener = UnixListener.bind(path);
        FrameSocket client = FrameSocket.connect(path);
        FrameChannel server = accept(listener);
        Pipe a = Pipe.open();
        Pipe b = Pipe.open()) {
      client.send(bytes("none"), List.of());
      client.send(bytes("a"), List.of(a.read()));
      client.send(bytes("none"), List.of());
      client.send(bytes("ab"), List.of(a.read(), b.read()));
      client.send(bytes("many"), Arrays.asList(filled(a.read())));
      assertThat(next(server).descriptors()).isEmpty();
      assertSame(next(server), a.read());
      assertThat(next(server).descriptors()).isEmpty();
      assertSame(next(server), a.read(), b.read());
      try (Frame many = next(server)) {
        assertThat(many.descriptors()).hasSize(UnixSocket.MAX_DESCRIPTORS);
      }
    }
  }

  @Test
  void sendsFilesAsPartsOfAFrame() {
    try (UnixListener listener = UnixListener.bind(path);
        FrameSocket client = FrameSocket.connect(path);
        FrameChannel server = accept(listener)) {
      NativeBuffer buffer = NativeBuffer.allocate(100_000);
      for (int i = 0; i < buffer.capacity(); i++) {
        buffer.bytes().put(i, (byte) i);
      }
      Fd file = Descriptors.memoryFile("part");
      assertThat(Descriptors.write(file, buffer, 0, 100_000)).isEqualTo(100_000);
      server.queue(
          List.of(
              new FramePart.Bytes(bytes("<")),
              new FramePart.File(file, 100_000),
              new FramePart.Bytes(bytes(">"))),
          List.of(),
          () -> {});
      Thread.ofPlatform().start(() -> flush(server));
      byte[] frame = received(client).bytes();
      assertThat(frame).hasSize(100_002).startsWith('<', 0, 1, 2).endsWith('>');
      assertThat(frame[99_999]).isEqualTo((byte) 99_998);
      assertThatThrownBy(file::number).as("closed").isInstanceOf(IllegalStateException.class);
    }
  }

  @Test
  @SuppressWarnings("try") // Closing early is what is tested.
  void closingWakesAReceiverAndEndsTheOtherSide() throws Exception {
    try (UnixListener listener = UnixListener.bind(path);
        FrameSocket client = FrameSocket.connect(path);
        FrameChannel server = accept(listener)) {
      List<String> seen = new ArrayList<>();
      Thread waiting =
          Thread.ofPlatform()
              .name("receives")
              .start(() -> seen.add(client.receive() == null ? "end" : "frame"));
      while (!sleeps("receives")) {
        Thread.sleep(5);
      }
      client.close();
      waiting.join();
      assertThat(seen).containsExactly("end");
      assertThat(server.receive()).isNull();
      assertThat(server.isEnded()).isTrue();
      assertThatThrownBy(() -> client.send(bytes("x"), List.of()))
          .isInstanceOfSatisfying(
              LinuxException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EPIPE));
    }
    assertThat(path).doesNotExist();
  }

  /** Whether a thread of this process waits in the kernel. */
  private static boolean sleeps(String name) throws IOException {
    try (DirectoryStream<Path> threads = Files.newDirectoryStream(Path.of("/proc/self/task"))) {
      for (Path thread : threads) {
        String stat = Files.readString(thread.resolve("stat"));
        if (stat.contains("(" + name + ") S ")) {
          return Files.readString(thread.resolve("wchan")).contains("poll");
        }
      }
      return false;
    } catch (NoSuchFileException _) {
      // Another thread has just ended.
      return false;
    }
  }

  @Test
  void refusesAFrameThatIsTooLong() {
    try (UnixListener listener = UnixListener.bind(path);
        FrameSocket client = FrameSocket.connect(path);
        UnixSocket socket = acceptSocket(listener);
        FrameChannel server = new FrameChannel(socket, 10)) {
      client.send(new byte[11], List.of());
      assertThatThrownBy(() -> next(server)).isInstanceOf(LinuxException.class);
    }
  }

  @Test
  void refusesToConnectWhereNobodyListens() throws Exception {
    assertThatThrownBy(() -> FrameSocket.connect(path))
        .isInstanceOfSatisfying(
            LinuxException.class, e -> assertThat(e.errno()).isEqualTo(Errno.ENOENT));
    UnixListener.bind(path).fd().close();
    assertThatThrownBy(() -> FrameSocket.connect(path))
        .isInstanceOfSatisfying(
            LinuxException.class, e -> assertThat(e.errno()).isEqualTo(Errno.ECONNREFUSED));
    try (UnixListener again = UnixListener.bind(path);
        FrameSocket client = FrameSocket.connect(path)) {
      assertThat(again.fd().number()).isPositive();
      assertThat(client.peer().pid()).isEqualTo((int) ProcessHandle.current().pid());
    }
  }

  private static Fd[] filled(Fd fd) {
    Fd[] all = new Fd[UnixSocket.MAX_DESCRIPTORS];
    Arrays.fill(all, fd);
    return all;
  }

  private static void assertSame(Frame frame, Fd... expected) {
    try (frame) {
      assertThat(frame.descriptors()).hasSize(expected.length);
      for (int i = 0; i < expected.length; i++) {
        assertThat(FileStatus.of(frame.descriptors().get(i)).inode())
            .isEqualTo(FileStatus.of(expected[i]).inode());
      }
    }
  }

  private static UnixSocket acceptSocket(UnixListener listener) {
    UnixSocket socket = listener.accept();
    assertThat(socket).isNotNull();
    return socket;
  }

  private static FrameChannel accept(UnixListener listener) {
    return new FrameChannel(acceptSocket(listener), FrameSocket.MAX_FRAME_BYTES);
  }

  private static Frame next(FrameChannel channel) {
    while (true) {
      Frame frame = channel.receive();
      if (frame != null) {
        return frame;
      }
      assertThat(channel.isEnded()).isFalse();
      Thread.onSpinWait();
    }
  }

  private static Frame received(FrameSocket socket) {
    Frame frame = socket.receive();
    assertThat(frame).isNotNull();
    return frame;
  }

  private static void flush(FrameChannel channel) {
    while (!channel.flush()) {
      Thread.onSpinWait();
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
