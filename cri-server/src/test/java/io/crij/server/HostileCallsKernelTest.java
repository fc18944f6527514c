package io.crij.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.crij.cri.v1.RuntimeServiceGrpc;
import io.crij.cri.v1.RuntimeServiceGrpc.RuntimeServiceBlockingStub;
import io.crij.cri.v1.VersionRequest;
import io.crij.linux.testing.LeavesNoTrace;
import io.crij.linux.testing.PrivateRoot;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Clients of the CRI's socket that break HTTP/2's good manners, and one that does not. */
@ExtendWith(LeavesNoTrace.class)
final class HostileCallsKernelTest {
  private static final String VERSION = "/runtime.v1.RuntimeService/Version";
  private static final int FLOOD = 1_000_000;
  private static final int ROUND = 1000;
  private static final int MAX_GROWTH_KIB = 128 << 10;

  private TestServer server;
  private Process crijd;
  private RuntimeServiceBlockingStub wellBehaved;

  @BeforeEach
  void start(PrivateRoot home) throws Exception {
    server = new TestServer(home);
    crijd = server.start();
    wellBehaved = RuntimeServiceGrpc.newBlockingStub(server.channel("crij.sock"));
    othersAreAnswered();
  }

  @AfterEach
  void stop() throws Exception {
    server.stop();
  }

  private void othersAreAnswered() {
    var answer =
        wellBehaved
            .withDeadlineAfter(60, TimeUnit.SECONDS)
            .version(VersionRequest.getDefaultInstance());
    assertThat(answer.getRuntimeName()).isEqualTo("crij");
  }

  private interface Flood {
    void piece(RawHttp2 client, int number) throws IOException;
  }

  /** The flooder is cut off before its end, the server no bigger and the others served. */
  private void assertCutOff(Flood flood) throws Exception {
    long before = residentKib();
    boolean cut = false;
    try (RawHttp2 client = RawHttp2.connect(server.runroot().resolve("crij.sock"))) {
      for (int i = 0; i < FLOOD && !cut; i++) {
        try {
          flood.piece(client, i);
        } catch (IOException _) {
          cut = true; // EPIPE or ECONNRESET
        }
        if (i % ROUND == 0) {
          othersAreAnswered();
        }
      }
    }
    assertThat(cut).as("cut off").isTrue();
    othersAreAnswered();
    assertThat(residentKib() - before).isLessThan(MAX_GROWTH_KIB);
  }

  private long residentKib() throws IOException {
    return RawHttp2.residentKib(crijd.pid());
  }

  /** CVE-2023-44487. */
  @Test
  void aFloodOfCallsTakenBackIsCutOff() throws Exception {
    assertCutOff((client, i) -> {
      client.call(2 * i + 1, VERSION);
      client.reset(2 * i + 1);
      client.takeAnswers();
    });
  }

  /** CVE-2019-9512: answers that nobody takes. */
  @Test
  void aFloodOfPingsIsCutOff() throws Exception {
    assertCutOff((client, _) -> client.ping());
  }

  /** CVE-2019-9515. */
  @Test
  void aFloodOfSettingsIsCutOff() throws Exception {
    assertCutOff((client, _) -> client.settings());
  }

  /** CVE-2026-33186: no other spelling leads to a verb, of this socket or the admin one. */
  @Test
  void aPathThatIsNoVerbsIsUnimplemented() throws Exception {
    assertThat(answerTo(VERSION)).contains("grpc-status\u00010");
    for (String path :
        List.of(
            "runtime.v1.RuntimeService/Version",
            "//runtime.v1.RuntimeService/Version",
            "/runtime.v1.RuntimeService/./Version",
            "/runtime.v1.RuntimeService/Version/",
            "/x/../runtime.v1.RuntimeService/Version",
            "/runtime.v1.RuntimeService/%56ersion",
            "crij.admin.v1.AdminService/Info",
            "/crij.admin.v1.AdminService/Info")) {
      assertThat(answerTo(path)).as(path).contains("grpc-status\u000212");
    }
  }

  private String answerTo(String path) throws IOException {
    try (RawHttp2 client = RawHttp2.connect(server.runroot().resolve("crij.sock"))) {
      client.call(1, path);
      return client.answerOf(1);
    }
  }
}
