package io.crij.monitor;

import static io.crij.linux.testing.Eventually.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.crij.linux.testing.LeavesNoTrace;
import io.crij.monitor.v1.ContainerRecord;
import io.crij.monitor.v1.CreateRequest;
import io.crij.monitor.v1.Exited;
import io.crij.monitor.v1.Reply;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A node without room: on a disk, or for one descriptor more. */
@Tag("root")
@Timeout(120)
@SuppressWarnings("NullAway.Init") // Set before each test.
@ExtendWith(LeavesNoTrace.class)
final class NoRoomKernelTest {
  @TempDir Path folder;
  private TestNode node;
  private TestClient client;

  @BeforeEach
  void start() throws Exception {
    node = new TestNode(folder);
    client = node.startMonitor();
    client.keep();
  }

  @AfterEach
  void stop() throws Exception {
    node.close();
  }

  @Test
  void aFullDiskCostsOutputButNotTheContainer() throws Exception {
    CreateRequest request =
        node.shell(
                "seq 1 300000; until [ -e /proc/1/cwd/tmp/go ]; do sleep 0.1; done; sleep 0.5; echo end")
            .build();
    String id = request.getContainerId();
    Path logs = folder.resolve("run/logs/" + id);
    TestNode.run("/bin/mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", logs.toString());
    try {
      int pid = created(request).getPid();
      node.start(id);
      await(() -> node.monitorLog().contains("No space left on device"));
      TestNode.run("/bin/mount", "-o", "remount,size=64m", logs.toString());
      Files.writeString(Path.of("/proc/" + pid + "/root/tmp/go"), "");
      assertThat(client.exited(id).getExitCode()).isZero();
      // Whole lines before the gap and after it.
      assertThat(node.stdout(id)).startsWith("1\n2\n3\n").endsWith("\nend\n");
      client.forget(id);
    } finally {
      TestNode.run("/bin/umount", "-l", logs.toString());
    }
  }

  @Test
  void anEndIsToldThatCannotBeWrittenDownAndWrittenLater() throws Exception {
    CreateRequest request = node.shell("exit 3").build();
    String id = request.getContainerId();
    created(request);
    // What is in its place cannot be replaced by a file.
    Path inPlace = Files.createDirectory(node.exitFile(id));
    node.start(id);

    Exited exited = client.exited(id);

    assertThat(exited.getExitCode()).isEqualTo(3);
    assertThat(client.list().getContainersList())
        .singleElement()
        .satisfies(s -> assertThat(s.getExited()).isEqualTo(exited));
    Files.delete(inPlace);
    await("the exit file", () -> Files.isRegularFile(node.exitFile(id)));
    assertThat(Exited.parseFrom(Files.readAllBytes(node.exitFile(id)))).isEqualTo(exited);
  }

  @Test
  void withoutDescriptorsClientsWaitAndTheMonitorRests() throws Exception {
    setOpenFiles("3");
    long begin = System.nanoTime();
    TestClient other = TestClient.connect(node.socket());
    try {
      await(() -> complaints() > 0);
      assertThat(client.list().getContainersList()).isEmpty();
      assertThat(complaints()).isLessThan(3 + (System.nanoTime() - begin) / 1_000_000_000L);
      setOpenFiles("1000");
      assertThat(other.list().getContainersList()).isEmpty();
    } finally {
      other.close();
    }
  }

  private long complaints() throws Exception {
    return node.monitorLog().lines().filter(line -> line.contains("accept")).count();
  }

  private void setOpenFiles(String limit) throws Exception {
    TestNode.run("/usr/bin/prlimit", "--pid", "" + node.monitorPid(), "--nofile=" + limit + ":");
  }

  private ContainerRecord created(CreateRequest request) throws Exception {
    Reply reply = client.create(request);
    assertThat(reply.hasCreate()).as(reply.toString()).isTrue();
    return reply.getCreate().getRecord();
  }
}
