package io.crij.linux.systemd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crij.linux.Fd;
import io.crij.linux.io.Pipe;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class SystemdTest {
  private static final int SECONDS = 60;

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void isToldAtAPathAndAtAnAbstractName(boolean isAbstract) throws Exception {
    String address =
        isAbstract
            ? "@crij-test-" + ProcessHandle.current().pid() + System.nanoTime()
            : folder.resolve("notify").toString();
    try (TestSystemd systemd = TestSystemd.at(address);
        Systemd manager = Systemd.of(Map.of("NOTIFY_SOCKET", address))) {
      assertThat(manager.isPresent()).isTrue();
      manager.ready("two\nlines");
      assertThat(systemd.await("READY=1", SECONDS))
          .isEqualTo("READY=1\nMAINPID=" + ProcessHandle.current().pid() + "\nSTATUS=two lines");
      manager.reloading("x");
      assertThat(systemd.await("RELOADING=1", SECONDS)).contains("\nMONOTONIC_USEC=");
      manager.stopping();
      assertThat(systemd.await("STOPPING=1", SECONDS)).isNotNull();
    }
  }

  @Test
  void keepsDescriptorsUntilToldNotTo() throws Exception {
    try (TestSystemd systemd = TestSystemd.at(folder.resolve("notify"));
        Systemd manager = Systemd.of(Map.of("NOTIFY_SOCKET", folder.resolve("notify").toString()));
        Pipe pipe = Pipe.open()) {
      manager.store("one", pipe.read());
      manager.store("twice", pipe.read());
      manager.store("two", pipe.write());
      assertThat(systemd.await("FDNAME=two", SECONDS)).contains("FDPOLL=0");
      assertThat(systemd.stored()).containsExactly("one", "two");
      manager.unstore("one");
      assertThat(systemd.await("FDSTOREREMOVE=1", SECONDS)).isNotNull();
      assertThat(systemd.stored()).containsExactly("two");
      assertThatThrownBy(() -> manager.store("a:b", pipe.read()))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "@", "relative", "vsock:2:1234"})
  void whatIsNoUnixSocketIsNoManager(String address) {
    try (Systemd manager = Systemd.of(Map.of("NOTIFY_SOCKET", address, "WATCHDOG_USEC", "1000"))) {
      assertThat(manager.isPresent()).isFalse();
      assertThat(manager.watchdogInterval()).isNull();
      manager.ready("nobody hears it");
    }
  }

  @Test
  void aManagerThatHasGoneHurtsNobody() {
    String address = folder.resolve("nobody").toString();
    try (Systemd manager = Systemd.of(Map.of("NOTIFY_SOCKET", address));
        Fd fd = Fd.open("/dev/null", Fd.O_RDWR, 0)) {
      manager.ready("");
      manager.store("fd", fd);
      manager.flush(Duration.ofSeconds(5));
      assertThat(manager.trySend()).isTrue();
    }
  }

  @Test
  void theWatchdogIsFedTwiceInItsTimeByTheProcessItIsFor() {
    Map<String, String> environment = new HashMap<>();
    environment.put("NOTIFY_SOCKET", folder.resolve("nobody").toString());
    environment.put("WATCHDOG_USEC", "3000000");
    assertThat(interval(environment)).isEqualTo(Duration.ofMillis(1500));
    environment.put("WATCHDOG_PID", Long.toString(ProcessHandle.current().pid()));
    assertThat(interval(environment)).isEqualTo(Duration.ofMillis(1500));
    environment.put("WATCHDOG_PID", "1");
    assertThat(interval(environment)).isNull();
    environment.remove("WATCHDOG_PID");
    for (String wrong : List.of("", "0", "-1", "1s", "99999999999999999999")) {
      environment.put("WATCHDOG_USEC", wrong);
      assertThat(interval(environment)).isNull();
    }
  }

  private static @Nullable Duration interval(Map<String, String> environment) {
    try (Systemd manager = Systemd.of(environment)) {
      return manager.watchdogInterval();
    }
  }

  @Test
  void descriptorsForAnotherProcessAreNotTaken() {
    assertThat(PassedDescriptors.take(Map.of("LISTEN_PID", "1", "LISTEN_FDS", "1"))).isEmpty();
    assertThat(PassedDescriptors.take(Map.of("LISTEN_FDS", "1"))).isEmpty();
    assertThat(PassedDescriptors.take(Map.of())).isEmpty();
  }
}
