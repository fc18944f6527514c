package io.crij.monitor;

import static io.crij.linux.testing.Eventually.await;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.crij.linux.testing.LeavesNoTrace;
import io.crij.monitor.v1.CreateRequest;
import io.crij.monitor.v1.ExecRequest;
import io.crij.monitor.v1.ExecSyncReply;
import io.crij.monitor.v1.ExecSyncRequest;
import io.crij.monitor.v1.FdKind;
import io.crij.monitor.v1.Reply;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Containers whose root is another user outside: their streams are theirs. */
@Tag("root")
@Timeout(120)
@ExtendWith(LeavesNoTrace.class)
final class UserNamespaceKernelTest {
  private static final int FIRST_ID = 200_000;
  private static final int USER = 33;

  private static final String LOOK =
      "stat -L -c %u:%g /proc/self/fd/1 /proc/self/fd/2; echo again >/dev/stdout; "
          + "echo oops >/dev/stderr; ";

  @TempDir Path folder;

  @Test
  void everyProcessCanOpenItsStreamsAgain() throws Exception {
    try (TestNode node = new TestNode(folder);
        TestClient client = node.startMonitor()) {
      client.keep();
      String id = create(node, client, 0);
      String user = create(node, client, USER);
      for (String container : new String[] {id, user}) {
        int uid = container.equals(user) ? USER : 0;
        ByteString process = process(uid, LOOK);
        ExecSyncReply sync =
            client
                .execSync(
                    ExecSyncRequest.newBuilder()
                        .setContainerId(container)
                        .setProcess(process)
                        .setStreamUid(FIRST_ID + uid)
                        .setStreamGid(FIRST_ID + uid))
                .getExecSync();
        assertThat(sync.getStdout().toStringUtf8()).as(sync.toString()).isEqualTo(expected(uid));
        assertThat(sync.getStderr().toStringUtf8()).isEqualTo("oops\n");
        ExecRequest.Builder exec =
            ExecRequest.newBuilder()
                .setSessionId(TestNode.newId())
                .setContainerId(container)
                .setProcess(process)
                .setStdin(true)
                .setStreamUid(FIRST_ID + uid)
                .setStreamGid(FIRST_ID + uid);
        try (TestClient.Streams session = client.exec(exec)) {
          assertThat(TestStreams.readAll(session.fd(FdKind.FD_KIND_STDOUT)))
              .isEqualTo(expected(uid));
        }
        node.runc("kill", container, "KILL");
        client.exited(container);
        assertThat(node.stdout(container)).isEqualTo(expected(uid));
        assertThat(node.output(container).get("stderr")).isEqualTo("oops\n");
      }
    }
  }

  private static String expected(int uid) {
    return "%1$d:%1$d\n%1$d:%1$d\nagain\n".formatted(uid);
  }

  private static ByteString process(int uid, String script) {
    return ByteString.copyFromUtf8(TestNode.process(false, uid, "/bin/sh", "-c", script));
  }

  private static String create(TestNode node, TestClient client, int uid) throws Exception {
    CreateRequest.Builder request =
        node.shell("").setStreamUid(FIRST_ID + uid).setStreamGid(FIRST_ID + uid);
    String id = request.getContainerId();
    String script = LOOK + "while :; do sleep 1; done";
    node.writeConfig(id, TestNode.process(false, uid, "/bin/sh", "-c", script));
    Path config = node.bundle(id).resolve("config.json");
    String mapping = "[{\"containerID\":0,\"hostID\":%d,\"size\":65536}]".formatted(FIRST_ID);
    Files.writeString(
        config,
        Files.readString(config)
            .replace(
                "\"namespaces\":[",
                "\"uidMappings\":%1$s,\"gidMappings\":%1$s,\"namespaces\":[{\"type\":\"user\"},"
                    .formatted(mapping)));
    Reply reply = client.create(request.build());
    assertThat(reply.hasCreate()).as(reply.toString()).isTrue();
    node.start(id);
    await(() -> node.stdout(id).contains("again\n"));
    return id;
  }
}
