package io.crij.runtime.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crij.linux.testing.Eventually;
import io.crij.linux.testing.LeavesNoTrace;
import io.crij.runtime.RuntimeServiceConfig;
import io.crij.runtime.RuntimeServiceConfig.Handler;
import io.crij.runtime.RuntimeServiceConfig.Network;
import io.crij.runtime.ServiceException;
import io.crij.runtime.TestConfig;
import io.crij.runtime.cgroup.ControlGroups;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(LeavesNoTrace.class)
class RuntimeHandlersKernelTest {
  private static final String CGROUP = "/crij-probe-" + ProcessHandle.current().pid();

  @TempDir Path folder;

  @AfterEach
  void removeCgroup() {
    assertThat(ControlGroups.ofNode().remove(CGROUP, Duration.ofSeconds(30))).isTrue();
  }

  private RuntimeHandlers handlers(String defaultRuntime, Map<String, Handler> runtimes) {
    return RuntimeHandlers.probe(config(defaultRuntime, runtimes), CGROUP);
  }

  private RuntimeServiceConfig config(String defaultRuntime, Map<String, Handler> runtimes) {
    RuntimeServiceConfig usual =
        TestConfig.usual(folder, folder, runtimes, "/crij", new Network(folder, List.of(), null));
    return TestConfig.with(usual, defaultRuntime, List.of());
  }

  private Handler script(String name, String text) throws IOException {
    Path file = Files.writeString(folder.resolve(name), "#!/bin/sh\n" + text);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
    return new Handler(file);
  }

  @Test
  void aRuntimeIsUsableWhenItRunsAContainer() throws IOException {
    Map<String, Handler> runtimes = new HashMap<>();
    runtimes.put("runc", new Handler(Path.of("/usr/sbin/runc")));
    runtimes.put("crun", script("refusing", "echo 'hybrid mode not supported' >&2; exit 1\n"));
    runtimes.put("absent", new Handler(Path.of("/absent/runtime")));
    runtimes.put(
        "kata", new Handler(true, Path.of("/bin/true"), Map.of(), null, List.of(), List.of()));

    RuntimeHandlers handlers = handlers("", runtimes);

    assertThat(handlers.defaultHandler().name()).isEqualTo("runc");
    assertThat(handlers.select("").features().recursiveReadOnlyMounts()).isTrue();
    assertThat(handlers.all().stream().map(RuntimeHandlers.State::failure))
        .containsExactly(
            "/absent/runtime is not an executable file",
            "hybrid mode not supported",
            "runtime_type is vm: such a runtime speaks containerd's shim protocol, which crijd does"
                + " not",
            "");
    assertThatThrownBy(() -> handlers.select("crun"))
        .isInstanceOf(ServiceException.FailedPrecondition.class)
        .hasMessageContaining("hybrid mode not supported");
    assertThatThrownBy(() -> handlers.select("gone"))
        .isInstanceOf(ServiceException.InvalidArgument.class);
    assertThat(folder.resolve("probe-runc")).doesNotExist();
    assertThat(folder.resolve("oci/runc/probe-runc")).doesNotExist();
  }

  @Test
  void anOldVersionIsUsedAndToldOf() throws IOException {
    Map<String, Handler> runtimes = new HashMap<>();
    String old = "[ \"$3\" = --version ] && { echo 'runc version 1.1.5'; exit; }\n";
    runtimes.put("old", script("old", old + "exec /usr/sbin/runc \"$@\"\n"));
    String good = old.replace("1.1.5", "1.3.9");
    runtimes.put("good", script("good", good + "exec /usr/sbin/runc \"$@\"\n"));

    RuntimeHandlers handlers = handlers("", runtimes);

    assertThat(handlers.select("old").warning()).contains("1.1.5", "CVE-2025-31133");
    assertThat(handlers.select("good").warning()).isEmpty();
  }

  @Test
  void handlersComeChangeAndGoWithoutARestart() throws IOException {
    Handler broken = script("later", "exit 3\n");
    RuntimeHandlers handlers = handlers("", Map.of("later", broken, "gone", broken));
    OciRuntime gone = handlers.all().getFirst().runtime();
    assertThatThrownBy(() -> handlers.select("later"))
        .isInstanceOf(ServiceException.FailedPrecondition.class);

    // The same program, which can run by now; and one with arguments and a root of its own.
    Handler _ = script("later", "exec /usr/sbin/runc \"$@\"\n");
    Path log = folder.resolve("runc.log");
    Handler other =
        new Handler(
            false,
            Path.of("/usr/sbin/runc"),
            Map.of(),
            folder.resolve("records"),
            List.of("--debug", "--log", log.toString()),
            List.of("--no-pivot"));
    handlers.apply(config("other", Map.of("later", broken, "other", other)));

    assertThat(handlers.select("later").usable()).isTrue();
    assertThat(handlers.select("").name()).isEqualTo("other");
    assertThat(handlers.all())
        .extracting(RuntimeHandlers.State::name)
        .containsOnly("later", "other");
    assertThat(log).content().contains("level=debug");
    assertThat(folder.resolve("records")).isDirectory();
    assertThatThrownBy(() -> handlers.select("gone"))
        .isInstanceOf(ServiceException.InvalidArgument.class);
    // Containers of it can still be stopped and removed.
    assertThat(handlers.runtime("gone")).isSameAs(gone);
  }

  /** The second waits for the first one's probe, which waits for the probe before, which tells. */
  @Test
  void twoChangesWhileALateProbeEndsDoNotWaitForEachOther() throws Exception {
    Path held = Files.createFile(folder.resolve("held"));
    Path probing = folder.resolve("probing");
    Handler slow =
        script(
            "slow",
            "case \"$*\" in *' run '*) mkdir %s/first 2>/dev/null && exec sleep 1000; touch %s;"
                    .formatted(folder, probing)
                + " while [ -e %s ]; do sleep 0.05; done;; esac\n".formatted(held)
                + "exec /usr/sbin/runc \"$@\"\n");
    HandlerProbe.Patience patience =
        new HandlerProbe.Patience(
            Duration.ofSeconds(10), Duration.ofMinutes(2), Duration.ofMillis(10));
    RuntimeHandlers handlers =
        RuntimeHandlers.probe(config("", Map.of("late", slow)), CGROUP, patience);
    AtomicInteger told = new AtomicInteger();
    handlers.whenApplied(told::incrementAndGet);
    Eventually.await("the late probe", () -> Files.exists(probing));

    Handler changed =
        new Handler(false, slow.runtimePath(), Map.of(), null, List.of("--debug"), List.of());
    handlers.apply(config("", Map.of("late", changed)));
    Thread second =
        Thread.ofPlatform()
            .daemon()
            .start(() -> handlers.apply(config("", Map.of("late", changed))));
    Eventually.await("it waits", () -> second.getState() == Thread.State.WAITING);
    Files.delete(held);

    assertThat(second.join(Duration.ofSeconds(60))).isTrue();
    assertThat(handlers.select("late").usable()).isTrue();
    assertThat(told).hasValueGreaterThanOrEqualTo(4);
    handlers.close();
  }

  /** crijd was killed while it probed. */
  @Test
  void whatIsLeftOfAnEarlierProbeDoesNotCount() throws IOException {
    Files.createDirectories(folder.resolve("oci/runc/probe-runc"));
    Files.createDirectories(folder.resolve("probe-runc/rootfs/dev"));

    RuntimeHandlers handlers = handlers("", Map.of("runc", new Handler(Path.of("/usr/sbin/runc"))));

    assertThat(handlers.defaultHandler().failure()).isEmpty();
    assertThat(folder.resolve("probe-runc")).doesNotExist();
  }

  @Test
  void aConfiguredDefaultIsKeptEvenIfItCannotRun() throws IOException {
    RuntimeHandlers handlers = handlers("bad", Map.of("bad", script("bad", "exit 3\n")));

    assertThat(handlers.defaultHandler().failure())
        .isEqualTo("ended with status 3 and wrote nothing");
    assertThatThrownBy(() -> handlers.select(""))
        .isInstanceOf(ServiceException.FailedPrecondition.class);
  }

  /** A node that has just started may be slow: that is no reason to do without it for ever. */
  @Test
  void aProbeThatTakesTooLongIsRepeatedUntilOneEnds() throws IOException {
    Path slow = Files.createFile(folder.resolve("slow"));
    Handler handler =
        script(
            "late",
            "case \"$*\" in *' run '*) [ ! -e %s ] || exec sleep 1000;; esac\n".formatted(slow)
                + "exec /usr/sbin/runc \"$@\"\n");
    OciRuntime runtime = new OciRuntime("late", handler, folder.resolve("oci"));
    RuntimeProbe probe = new RuntimeProbe(runtime, folder.resolve("probe-late"), CGROUP + "/late");
    HandlerProbe.Patience patience =
        new HandlerProbe.Patience(
            Duration.ofSeconds(1), Duration.ofSeconds(15), Duration.ofSeconds(5));

    CountDownLatch told = new CountDownLatch(1);

    HandlerProbe late =
        new HandlerProbe("late", runtime, probe::failure, folder, patience, told::countDown, null);

    assertThat(late.state().failure()).contains("did not end within 1 s");
    assertThat(late.goesOn()).isTrue();
    Files.delete(slow);
    Eventually.await(() -> late.state().usable());
    assertThat(late.goesOn()).isFalse();
    late.end();
    assertThat(told.getCount()).isZero();
    assertThat(folder.resolve("probe-late")).doesNotExist();
  }
}
