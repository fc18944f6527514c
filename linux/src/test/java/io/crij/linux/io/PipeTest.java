package io.crij.linux.io;

import static org.assertj.core.api.Assertions.assertThat;

import io.crij.linux.Fd;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

final class PipeTest {
  private final NativeBuffer buffer = NativeBuffer.allocate(1 << 16);

  @Test
  void whatWasLookedAtStaysUntilMoved() {
    try (Pipe pipe = Pipe.open();
        Pipe seen = Pipe.open();
        Fd nothing = Fd.open("/dev/null", Fd.O_WRONLY, 0)) {
      assertThat(Pipe.look(pipe.read(), seen.write(), 100)).isEqualTo(-1);
      write(pipe.write(), "hello");
      assertThat(Pipe.look(pipe.read(), seen.write(), 100)).isEqualTo(5);
      assertThat(read(seen.read())).isEqualTo("hello");
      assertThat(Pipe.available(pipe.read())).isEqualTo(5);
      assertThat(Pipe.move(pipe.read(), nothing, 3)).isEqualTo(3);
      assertThat(read(pipe.read())).isEqualTo("lo");
      pipe.write().close();
      assertThat(Pipe.look(pipe.read(), seen.write(), 100)).isZero();
    }
  }

  @Test
  void aLastingEndKeepsWhatWasWrittenWhenTheReaderIsGone() {
    try (Pipe pipe = Pipe.openWithLastingEnd()) {
      write(pipe.write(), "kept");
      pipe.read().close();
      write(pipe.write(), " on");
      try (Fd again = Descriptors.reopen(pipe.write(), Fd.O_RDONLY | Fd.O_NONBLOCK)) {
        assertThat(read(again)).isEqualTo("kept on");
      }
    }
  }

  @Test
  void isSeenAsAPipeWithItsOwnInode() {
    try (Pipe a = Pipe.open();
        Pipe b = Pipe.open()) {
      assertThat(FileStatus.of(a.read()).isPipe()).isTrue();
      assertThat(FileStatus.of(a.read()).inode()).isEqualTo(FileStatus.of(a.write()).inode());
      assertThat(FileStatus.of(a.read()).inode()).isNotEqualTo(FileStatus.of(b.read()).inode());
      assertThat(Pipe.tryResize(a.read(), 1 << 17)).isTrue();
      assertThat(Pipe.capacity(a.write())).isEqualTo(1 << 17);
    }
  }

  @Test
  void edgesAreToldOnce() {
    try (Pipe pipe = Pipe.open();
        Epoll epoll = Epoll.open()) {
      epoll.add(pipe.read(), Epoll.IN | Epoll.EDGE, 7);
      assertThat(epoll.await(0)).isZero();
      write(pipe.write(), "x");
      assertThat(epoll.await(Epoll.FOREVER)).isEqualTo(1);
      assertThat(epoll.token(0)).isEqualTo(7);
      assertThat(epoll.events(0) & Epoll.IN).isNotZero();
      assertThat(epoll.await(1_000_000)).isZero();
      epoll.wake();
      assertThat(epoll.await(Epoll.FOREVER)).isEqualTo(1);
      assertThat(epoll.token(0)).isNegative();
      assertThat(epoll.await(0)).isZero();
      pipe.write().close();
      assertThat(epoll.await(Epoll.FOREVER)).isEqualTo(1);
      assertThat(epoll.events(0) & Epoll.HUP).isNotZero();
    }
  }

  private void write(Fd fd, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    buffer.bytes().put(0, bytes);
    assertThat(Descriptors.write(fd, buffer, 0, bytes.length)).isEqualTo(bytes.length);
  }

  private String read(Fd fd) {
    byte[] bytes = new byte[Descriptors.read(fd, buffer, 0, buffer.capacity())];
    buffer.bytes().get(0, bytes);
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
