package io.crij.runtime.container;

import static io.crij.linux.testing.Eventually.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.google.protobuf.ByteString;
import io.crij.linux.Fd;
import io.crij.linux.io.Descriptors;
import io.crij.linux.io.NativeBuffer;
import io.crij.linux.process.CurrentProcess;
import io.crij.linux.process.ProcessStat;
import io.crij.linux.process.ProcessTree;
import io.crij.linux.testing.LeavesNoTrace;
import io.crij.monitor.v1.AttachRequest;
import io.crij.monitor.v1.DetachReason;
import io.crij.monitor.v1.ExecRequest;
import io.crij.monitor.v1.FailureCode;
import io.crij.monitor.v1.FdKind;
import io.crij.monitor.v1.SessionEnded;
import io.crij.runtime.cgroup.ControlGroups;
import io.crij.runtime.monitor.Monitor;
import io.crij.runtime.monitor.MonitorAttachment;
import io.crij.runtime.monitor.MonitorFailure;
import io.crij.runtime.monitor.MonitorSession;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Streams of containers, as a streaming server gets them from the monitor. */
@ExtendWith(LeavesNoTrace.class)
class MonitorStreamsKernelTest {
  @TempDir Path imageFolder;
  @TempDir Path folder;
  @RegisterExtension final OpenNodes nodes = new OpenNodes();
  private ContainerNode node;
  private Monitor monitor;
  private String id;

  @BeforeEach
  void openNode() throws Exception {
    node = nodes.add(new ContainerNode(folder, BusyboxImage.create(imageFolder, "{}")));
    id = node.run(node.container("/bin/sh", "-c", "while :; do echo tick; usleep 100000; done"));
    // Another client of the same monitor.
    monitor = Monitor.open(Monitor.Settings.of(node.config), ControlGroups.ofNode(), _ -> {});
  }

  @AfterEach
  void closeNode() throws Exception {
    if (monitor != null) {
      monitor.close();
    }
    nodes.close();
    reapLosers();
  }

  /** Both clients start a monitor when one was killed: the one that comes too late ends at once. */
  private void reapLosers() throws InterruptedException {
    String runroot = node.config.runroot().toString();
    await("no monitor", () -> ProcessTree.withOption("--runroot", runroot).isEmpty());
    for (int pid : CurrentProcess.children()) {
      ProcessStat stat = ProcessStat.read(pid);
      if (stat != null && stat.isZombie()) {
        CurrentProcess.reap(pid);
      }
    }
  }

  @Test
  void aSessionGoesOnWhenTheMonitorIsReplaced() throws Exception {
    try (MonitorSession session = exec("read x; echo got $x; exit 6")) {
      int before = node.service.monitor().pid();
      node.killMonitor();
      await(
          "another monitor for both",
          () -> node.service.monitor().pid() != before && monitor.notReadyReason().isEmpty());
      try (Fd stdin = stream(session, FdKind.FD_KIND_STDIN)) {
        write(stdin, "it\n");
      }
      assertThat(readAll(stream(session, FdKind.FD_KIND_STDOUT))).isEqualTo("got it\n");
      SessionEnded end = session.end().get(60, TimeUnit.SECONDS);
      assertThat(end.getExitCode()).isEqualTo(6);
      assertThat(end.getReason()).isEmpty();
    }
  }

  @Test
  void aSessionThatIsClosedIsHungUp() throws Exception {
    MonitorSession session = exec("trap 'exit 8' HUP; echo ready; while :; do usleep 10000; done");
    assertThat(readSome(stream(session, FdKind.FD_KIND_STDOUT))).isEqualTo("ready\n");
    session.close();
    assertThat(session.end().get(60, TimeUnit.SECONDS).getExitCode()).isEqualTo(8);
  }

  @Test
  void anAttachmentSeesOutputAndEndsWithItsContainer() throws Exception {
    AttachRequest.Builder request =
        AttachRequest.newBuilder().setContainerId(id).setStdin(true).setStdout(true);
    try (MonitorAttachment attachment = monitor.streams().attach(request.build())) {
      assertThat(attachment.find(FdKind.FD_KIND_STDIN)).as("it has none").isNull();
      Fd stdout = Objects.requireNonNull(attachment.find(FdKind.FD_KIND_STDOUT));
      assertThat(readSome(stdout)).contains("tick\n");
      node.stop(id, 0);
      assertThat(attachment.end().get(60, TimeUnit.SECONDS))
          .isEqualTo(DetachReason.DETACH_REASON_ENDED);
      assertThat(readAll(stdout)).isNotNull();
    }
    assertThatExceptionOfType(MonitorFailure.class)
        .isThrownBy(() -> monitor.streams().attach(request.build()))
        .satisfies(e -> assertThat(e.code()).isEqualTo(FailureCode.FAILURE_CODE_EXITED));
  }

  private MonitorSession exec(String script) throws MonitorFailure {
    String process =
        """
        {"terminal":false,"user":{"uid":0,"gid":0},"cwd":"/","env":["PATH=/bin:/usr/bin"],
         "args":["/bin/sh","-c","%s"]}
        """
            .formatted(script);
    return monitor
        .streams()
        .exec(
            ExecRequest.newBuilder()
                .setContainerId(id)
                .setStdin(true)
                .setProcess(ByteString.copyFromUtf8(process))
                .build());
  }

  private static Fd stream(MonitorSession session, FdKind kind) {
    return Objects.requireNonNull(session.find(kind));
  }

  private static void write(Fd fd, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    NativeBuffer buffer = NativeBuffer.allocate(bytes.length);
    buffer.bytes().put(0, bytes);
    assertThat(Descriptors.write(fd, buffer, 0, bytes.length)).isEqualTo(bytes.length);
  }

  private static String readAll(Fd fd) throws InterruptedException {
    StringBuilder all = new StringBuilder();
    for (String piece = readSome(fd); !piece.isEmpty(); piece = readSome(fd)) {
      all.append(piece);
    }
    return all.toString();
  }

  /** What comes next; empty at the end. */
  private static String readSome(Fd fd) throws InterruptedException {
    NativeBuffer buffer = NativeBuffer.allocate(4096);
    for (int i = 0; i < 6000; i++) {
      int n = Descriptors.read(fd, buffer, 0, 4096);
      if (n >= 0) {
        byte[] bytes = new byte[n];
        buffer.bytes().get(0, bytes);
        return new String(bytes, StandardCharsets.UTF_8);
      }
      Thread.sleep(10);
    }
    throw new AssertionError("nothing came within 60 s");
  }
}
