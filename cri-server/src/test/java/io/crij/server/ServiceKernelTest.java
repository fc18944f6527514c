package io.crij.server;

import static io.crij.linux.testing.Eventually.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.crij.admin.v1.InfoRequest;
import io.crij.linux.systemd.TestSystemd;
import io.crij.linux.testing.LeavesNoTrace;
import io.crij.linux.testing.PrivateRoot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** crijd and its monitor as services of systemd. */
@Timeout(240)
@SuppressWarnings("NullAway.Init") // Set before each test.
@ExtendWith(LeavesNoTrace.class)
final class ServiceKernelTest {
  private static final int SECONDS = 60;

  private TestServer server;
  private TestSystemd systemd;

  @BeforeEach
  void start(PrivateRoot home) throws IOException {
    server = new TestServer(home);
    systemd = TestSystemd.at(home.resolve("notify"));
    server.set("NOTIFY_SOCKET", systemd.address());
    server.set("WATCHDOG_USEC", "1000000");
  }

  @AfterEach
  void stop() throws IOException, InterruptedException {
    server.stop();
    systemd.close();
  }

  @Test
  void crijdSaysThatItIsReadyThatItLivesAndThatItStops() throws Exception {
    Process crijd = server.start();
    assertThat(systemd.await("READY=1", SECONDS)).contains("MAINPID=" + crijd.pid());
    for (int i = 0; i < 3; i++) {
      assertThat(systemd.await("WATCHDOG=1", SECONDS)).isNotNull();
    }
    int monitor = server.admin().info(InfoRequest.getDefaultInstance()).getMonitorPid();
    assertThat(Files.readString(Path.of("/proc/" + monitor + "/environ")))
        .doesNotContain("NOTIFY_SOCKET")
        .doesNotContain("WATCHDOG");
    crijd.destroy();
    assertThat(TestServer.exitStatus(crijd)).isZero();
    assertThat(systemd.await("STOPPING=1", SECONDS)).isNotNull();
  }

  /** It neither starts a second one nor one in the place of the service's that died. */
  @Test
  void theMonitorOfAServiceIsLeftToTheServiceManager() throws Exception {
    Process first = server.startMonitor();
    assertThat(systemd.await("READY=1", SECONDS)).contains("MAINPID=" + first.pid());
    server.start();
    first.destroyForcibly().waitFor();
    await(() -> server.log().contains("the monitor's connection ended"));
    Process second = server.startMonitor();
    assertThat(systemd.await("MAINPID=" + second.pid(), SECONDS)).isNotNull();
    InfoRequest info = InfoRequest.getDefaultInstance();
    await(() -> server.admin().info(info).getMonitorPid() == second.pid());
    assertThat(server.log()).doesNotContain("started the monitor");
  }
}
