package io.crij.linux.cgroup;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.List;
import org.junit.jupiter.api.Test;

class OpenFilesTest {
  private static final List<Integer> OURS = List.of((int) ProcessHandle.current().pid());

  @Test
  void socketsAreAmongTheDescriptors() throws Exception {
    try (ServerSocket _ = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      OpenFiles open = OpenFiles.of(OURS);
      assertThat(open.sockets().orElseThrow()).isBetween(1L, open.descriptors() - 1);
    }
  }

  @Test
  void tooManyAreCountedButNotLookedAt() {
    OpenFiles open = OpenFiles.of(OURS, 2);
    assertThat(open.descriptors()).isGreaterThan(2);
    assertThat(open.sockets()).isEmpty();
  }

  @Test
  void aProcessThatHasEndedHasNone() throws Exception {
    Process ended = new ProcessBuilder("true").start();
    ended.waitFor();
    OpenFiles open = OpenFiles.of(List.of((int) ended.pid()));
    assertThat(open.descriptors()).isZero();
    assertThat(open.sockets()).hasValue(0);
  }
}
