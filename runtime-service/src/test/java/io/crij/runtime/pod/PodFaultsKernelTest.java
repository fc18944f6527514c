package io.crij.runtime.pod;

import static io.crij.linux.testing.Eventually.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crij.cri.v1.PodSandboxConfig;
import io.crij.cri.v1.PodSandboxState;
import io.crij.linux.mount.Mounts;
import io.crij.linux.namespace.NamespaceType;
import io.crij.linux.namespace.Namespaces;
import io.crij.linux.process.CurrentProcess;
import io.crij.linux.process.OpenFileLimit;
import io.crij.linux.testing.LeavesNoTrace;
import io.crij.runtime.ServiceException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("root")
@Timeout(120)
@ExtendWith(LeavesNoTrace.class)
class PodFaultsKernelTest {
  @TempDir Path folder;
  private PodNode node;

  @BeforeEach
  void open() throws Exception {
    node = new PodNode(folder);
  }

  @AfterEach
  void close() throws Exception {
    node.end();
  }

  @ParameterizedTest
  @CsvSource({
    "error,no more addresses; x",
    "garbage,not JSON",
    "huge,more than",
    "hang,did not end within 10 s",
    "crash,broken"
  })
  void aFailedAddIsUndoneAndFreesTheName(String what, String message) throws Exception {
    node.useFake("1.0.0");
    node.limitPlugins();
    node.tellFake("ADD", what);

    assertThatThrownBy(() -> node.run(PodNode.pod("web")))
        .isInstanceOf(ServiceException.Internal.class)
        .hasMessageContaining("CNI plugin fake")
        .hasMessageContaining(message);

    assertThat(node.list()).isEmpty();
    assertThat(node.fakeLog()).hasSize(2);
    assertThat(node.fakeLog().getLast()).startsWith("DEL netns=" + node.runroot);
    await(() -> node.pluginProcesses().isEmpty());
    node.remove(node.run(PodNode.pod("web")));
  }

  @Test
  void pluginsGetWhatTheSpecSaysAndNothingElse() throws Exception {
    node.useFake("1.0.0");
    String id = node.run(PodNode.pod("web"));

    assertThat(Files.readAllLines(node.fake.resolve("env")))
        .containsExactlyInAnyOrder(
            "CNI_ARGS=IgnoreUnknown=1;K8S_POD_NAMESPACE=default;K8S_POD_NAME=web;"
                + "K8S_POD_INFRA_CONTAINER_ID="
                + id
                + ";K8S_POD_UID=u-1",
            "CNI_COMMAND=ADD",
            "CNI_CONTAINERID=" + id,
            "CNI_IFNAME=eth0",
            "CNI_NETNS=" + node.pin(id, NamespaceType.NETWORK),
            "CNI_PATH=" + node.pluginDir,
            "PATH=" + System.getenv("PATH"));

    // The configuration of now is another: the pod is detached with that of then.
    Files.delete(node.networkDir.resolve("10-fake.conflist"));
    node.remove(id);
    assertThat(node.fakeLog()).hasSize(2);
    assertThat(Files.readString(node.fake.resolve("stdin")).lines().toList().getLast())
        .contains("\"prevResult\":{", "10.9.0.5/24", "\"cniVersion\":\"1.0.0\"");
  }

  /** As after crijd has raised its own limit of open files, and got another OOM score. */
  @Test
  void pluginsHaveNothingOfOurs() throws Exception {
    long ours = OpenFileLimit.soft();
    int score = CurrentProcess.originalOomScore();
    Path ourScore = Path.of("/proc/self/oom_score_adj");
    String before = Files.readString(ourScore);
    OpenFileLimit.originalWas(777);
    Files.writeString(ourScore, Integer.toString(score + 300));
    try {
      node.useFake("1.0.0");
      node.tellFake("ADD", "look");
      node.remove(node.run(PodNode.pod("web")));
    } finally {
      Files.writeString(ourScore, before);
      OpenFileLimit.originalWas(ours);
    }

    List<String> look = Files.readAllLines(node.fake.resolve("look"));
    assertThat(look.stream().filter(line -> line.startsWith("fd ")).toList())
        .as("3: the one to list them")
        .isSubsetOf("fd 0", "fd 1", "fd 2", "fd 3");
    assertThat(look).contains("oom " + score);
    for (String set : List.of("SigPnd", "SigBlk", "SigIgn")) {
      assertThat(look).contains(set + ":\t0000000000000000");
    }
    assertThat(look).anyMatch(line -> line.matches("Max open files +777 .*"));
    assertThat(OpenFileLimit.soft()).isEqualTo(ours);
  }

  @Test
  void aStopThatCannotDetachSaysSoAndIsRepeatedUntilItCan() throws Exception {
    node.useFake("1.0.0");
    node.limitPlugins();
    String id = node.run(PodNode.pod("web"));
    node.tellFake("DEL", "error", "hang", "error");

    assertThatThrownBy(() -> node.stop(id))
        .isInstanceOf(ServiceException.Internal.class)
        .hasMessageContaining("no more addresses");
    assertThat(node.status(id).getStatus().getState()).isEqualTo(PodSandboxState.SANDBOX_NOTREADY);
    assertThat(Namespaces.isPinned(NamespaceType.NETWORK, node.pin(id, NamespaceType.NETWORK)))
        .as("kept for the next try")
        .isTrue();
    assertThat(node.pods.pendingTeardowns()).isEqualTo(1);

    await(() -> node.pods.pendingTeardowns() == 0);
    assertThat(node.fakeLog()).hasSize(5);
    assertThat(node.pin(id, NamespaceType.NETWORK)).doesNotExist();
    node.remove(id);
    assertThat(node.fakeLog()).as("nothing is detached twice").hasSize(5);
  }

  @Test
  void whatCannotBeUndoneIsListedWithoutItsNameUntilItIs() throws Exception {
    node.useFake("1.0.0");
    node.limitPlugins();
    node.tellFake("ADD", "error");
    node.tellFake("DEL", "hang", "error");
    Path refusal = Files.createFile(node.fake.resolve("refuse-DEL"));

    assertThatThrownBy(() -> node.run(PodNode.pod("web"))).hasMessageContaining("no more");
    assertThat(node.list())
        .singleElement()
        .satisfies(p -> assertThat(p.getState()).isEqualTo(PodSandboxState.SANDBOX_NOTREADY));
    String again = node.run(PodNode.pod("web"));

    Files.delete(refusal);
    await(() -> node.list().size() == 1);
    assertThat(node.list().getFirst().getId()).isEqualTo(again);
    node.remove(again);
    await(() -> node.pods.pendingTeardowns() == 0);
  }

  @ParameterizedTest
  @ValueSource(strings = {"unmounted", "deleted", "replaced"})
  void aNamespaceThatIsGoneDoesNotKeepThePod(String how) throws Exception {
    node.useFake("1.0.0");
    String id = node.run(PodNode.pod("web"));
    Path pin = node.pin(id, NamespaceType.NETWORK);
    Mounts.detach(pin);
    if (!how.equals("unmounted")) {
      Files.delete(pin);
    }
    if (how.equals("replaced")) {
      Files.writeString(pin, "not a namespace");
    }

    node.stop(id);
    assertThat(node.fakeLog().getLast()).startsWith("DEL netns= args=");
    node.remove(id);
  }

  @Test
  void addressesAreFreedWhenTheNamespaceIsGone() throws Exception {
    node.useBridge();
    String id = node.run(PodNode.pod("web"));
    assertThat(node.reservedAddresses()).isEqualTo(2);
    Mounts.detach(node.pin(id, NamespaceType.NETWORK));

    node.remove(id);
    assertThat(node.reservedAddresses()).isZero();
  }

  @Test
  void afterAnotherBootPodsAreNotReadyAndTheirAddressesFree() throws Exception {
    node.useBridge();
    String id = node.run(PodNode.pod("web"));
    node.database.write(connection -> {
      try (var update = connection.createStatement()) {
        return update.executeUpdate("UPDATE sandboxes SET boot_id = 'another'");
      }
    });
    for (NamespaceType type : NamespaceType.values()) {
      Namespaces.unpin(node.pin(id, type));
    }
    Mounts.detach(node.sandboxes.get(id).folder().files());
    PodNode.command("rm", "-r", node.runroot.resolve("sandboxes").toString());

    node.restart();

    assertThat(node.status(id).getStatus().getState()).isEqualTo(PodSandboxState.SANDBOX_NOTREADY);
    await(() -> node.reservedAddresses() == 0);
    assertThatThrownBy(() -> node.run(PodNode.pod("web")))
        .isInstanceOf(ServiceException.AlreadyExists.class);
    node.remove(id);
  }

  @Test
  void aPodThatWasBeingMadeIsUndoneAtTheNextStart() throws Exception {
    node.useFake("1.0.0");
    node.limitPlugins();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<String> request = threads.submit(() -> node.run(PodNode.pod("slow")));
      await(() -> !node.fakeLog().isEmpty());
      assertThat(node.list()).as("not shown while it is made").isEmpty();

      // The records as a program finds them that starts while the plugin of the last one still
      // runs.
      Path copy = Files.createDirectory(folder.resolve("next"));
      PodNode next = PodNode.besides(node, copy);
      await(() -> next.pods.pendingTeardowns() == 0);
      assertThat(next.list()).isEmpty();
      await(() -> node.pluginProcesses().isEmpty());
      assertThat(node.fakeLog()).anyMatch(line -> line.startsWith("DEL netns=" + node.runroot));
      next.pods.close();
      next.database.close();
      await(request::isDone);
      assertThat(request.state()).isEqualTo(Future.State.FAILED);
    }
    await(() -> node.pods.pendingTeardowns() == 0);
  }

  @Test
  void podsDoNotWaitForEachOther() throws Exception {
    node.useFake("1.0.0");
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<String> slow = threads.submit(() -> node.run(PodNode.pod("slow")));
      await(() -> !node.fakeLog().isEmpty());
      node.remove(node.run(PodNode.pod("quick")));
      assertThat(slow.isDone()).isFalse();
      Files.createFile(node.fake.resolve("go"));
      node.remove(slow.get());
    }
  }

  @Test
  void whyTheNetworkIsNotReady() throws Exception {
    assertThat(node.pods.networkNotReadyReason()).contains("no network configuration");
    assertThatThrownBy(() -> node.run(PodNode.pod("web")))
        .isInstanceOf(ServiceException.class)
        .hasMessageContaining("no network configuration");

    Path broken = node.networkDir.resolve("00-broken.conflist");
    Files.writeString(broken, "{");
    assertThat(node.pods.networkNotReadyReason()).contains("00-broken.conflist");
    node.useFake("1.0.0");
    assertThat(node.pods.networkNotReadyReason()).isEmpty();
    assertThat(node.fakeLog()).as("STATUS is new in 1.1").isEmpty();

    node.useFake("1.1.0");
    node.tellFake("STATUS", "error");
    assertThat(node.pods.networkNotReadyReason()).contains("no more addresses");
    assertThat(node.pods.networkNotReadyReason()).isEmpty();
  }

  @Test
  void pluginsAreToldAtTheStartWhatIsInUse() throws Exception {
    node.useFake("1.1.0");
    String id = node.run(PodNode.pod("web"));
    node.restart();

    String inUse =
        "\"cni.dev/valid-attachments\":[{\"containerID\":\"" + id + "\",\"ifname\":\"eth0\"}]";
    await(() -> Files.readString(node.fake.resolve("stdin")).contains(inUse));
    await(() -> node.fakeLog().getLast().startsWith("GC"));
    node.remove(id);
  }

  @Test
  void nothingIsDoneForARequestThatIsRefused() throws Exception {
    node.useFake("1.0.0");
    PodSandboxConfig.Builder evil = PodNode.pod("web").setHostname("a\n6.6.6.6 b");
    assertThatThrownBy(() -> node.run(evil)).isInstanceOf(ServiceException.InvalidArgument.class);
    PodSandboxConfig.Builder sysctl = PodNode.pod("web");
    sysctl.getLinuxBuilder().putSysctls("net.ipv4.no_such_thing", "1");
    assertThatThrownBy(() -> node.run(sysctl)).hasMessageContaining("no_such_thing");

    assertThat(node.fakeLog()).isEmpty();
    assertThat(node.list()).isEmpty();
    assertThat(List.copyOf(node.sandboxes.all())).isEmpty();
  }
}
