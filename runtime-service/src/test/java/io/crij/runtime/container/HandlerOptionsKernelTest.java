package io.crij.runtime.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;

import io.crij.cri.v1.ContainerConfig;
import io.crij.cri.v1.ImageSpec;
import io.crij.linux.testing.LeavesNoTrace;
import io.crij.runtime.RuntimeServiceConfig.Handler;
import io.crij.runtime.ServiceException;
import io.crij.runtime.settings.ContainerSettings;
import io.crij.runtime.settings.HandlerAnnotations;
import io.crij.runtime.settings.HandlerSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** What the options of a handler do to its containers. */
@SuppressWarnings("NullAway.Init") // Set before each test.
@ExtendWith(LeavesNoTrace.class)
final class HandlerOptionsKernelTest {
  private static final Path RUNC = Path.of("/usr/sbin/runc");

  /** {@code root}, {@code args} and what is mounted at {@code /proc} are not its to say. */
  private static final String BASE =
      """
      {"ociVersion": "1.0.2", "root": {"path": "nowhere"},
       "process": {"args": ["/nothing"], "env": ["SITE=base", "FROM=base"],
                   "rlimits": [{"type": "RLIMIT_CORE", "soft": 512, "hard": 1024}]},
       "mounts": [{"destination": "/based", "type": "tmpfs", "source": "tmpfs", "options": ["size=64k"]},
                  {"destination": "/proc", "type": "tmpfs", "source": "tmpfs"},
                  {"destination": "/run", "type": "tmpfs", "source": "tmpfs"}],
       "linux": {"resources": {"pids": {"limit": 55}, "devices": [{"allow": true, "access": "rwm"}]}}}
      """;

  @TempDir private static Path imageFolder;
  private static Path layout;
  private static Path wasm;

  @TempDir private Path folder;
  @RegisterExtension private final OpenNodes nodes = new OpenNodes();
  private ContainerNode node;

  @BeforeAll
  static void makeImages() throws Exception {
    layout =
        BusyboxImage.create(
            Files.createDirectory(imageFolder.resolve("linux")), "{\"Env\": [\"FROM=image\"]}");
    wasm =
        BusyboxImage.createFor(Files.createDirectory(imageFolder.resolve("wasm")), "wasi", "wasm");
  }

  @BeforeEach
  void openNode() throws Exception {
    node = nodes.add(new ContainerNode(folder, layout));
  }

  @Test
  void theOciRuntimeMakesContainersAsItIsTold() throws Exception {
    Path calls = folder.resolve("calls");
    String before = node.run(privileged("cat", "/proc/keys"));
    node.configure(
        new Handler(
            false,
            recorded("recorded", calls),
            Map.of(),
            null,
            List.of(),
            List.of("--no-pivot", "--no-new-keyring")));
    String after = node.run(privileged("cat", "/proc/keys"));

    node.awaitEnd(before);
    node.awaitEnd(after);
    assertThat(String.join("\n", node.log(before))).contains("_ses." + before);
    assertThat(node.log(after)).isNotEmpty();
    assertThat(String.join("\n", node.log(after))).doesNotContain("_ses." + after);
    assertThat(calls).content().containsPattern(" create .*--no-pivot .*" + after);
  }

  /** What runc calls fails where the root's parent mount is shared, as on the initial one. */
  @Test
  void withoutPivotContainersRunWhereTheRootCannotBeExchanged() throws Exception {
    Path jail = Files.createDirectory(folder.resolve("jail"));
    Path runc =
        program(
            "below",
            "case \" $* \" in *' create '*) exec unshare --mount --propagation private sh -c '"
                + "mount --make-rshared / && mount --rbind / %1$s && exec chroot %1$s %2$s \"$@\""
                    .formatted(jail, RUNC)
                + "' create \"$@\";; esac\n");
    node.configure(new Handler(runc));
    assertThatThrownBy(() -> node.create(node.container("true")))
        .isInstanceOf(ServiceException.Internal.class)
        .hasMessageContaining("pivot_root .: invalid argument");

    node.configure(new Handler(false, runc, Map.of(), null, List.of(), List.of("--no-pivot")));
    String id =
        node.run(node.container("/bin/sh", "-c", "ls /; grep ' / / ' /proc/self/mountinfo"));
    node.awaitEnd(id);
    assertThat(node.log(id))
        .contains("bin", "proc")
        .doesNotContain("boot", "usr")
        .last(STRING)
        .contains(" - overlay ");
  }

  @Test
  void imagesOfAnotherPlatformHaveAnotherProgram() throws Exception {
    Path calls = folder.resolve("calls");
    Path ofWasm = folder.resolve("calls-wasm");
    node.importImage(wasm, "docker.io/library/wasm:test");
    Handler handler =
        new Handler(
            false,
            recorded("native", calls),
            Map.of("wasi/wasm", recorded("crun-wasm", ofWasm)),
            null,
            List.of(),
            List.of());
    node.configure(handler);

    String id = node.run(ofWasm("sleep", "600"));
    // As crijd's next start knows it.
    node.restart();
    node.stop(id, 0);
    node.remove(id);
    assertThat(calls).content().doesNotContain(id);
    assertThat(ofWasm).content().contains(" create ", " start ", " delete ").contains(id);

    node.configure(
        new Handler(
            false,
            handler.runtimePath(),
            Map.of("wasi/wasm", Path.of("/absent/crun-wasm")),
            null,
            List.of(),
            List.of()));
    assertThatThrownBy(() -> node.create(ofWasm("true")))
        .isInstanceOf(ServiceException.FailedPrecondition.class)
        .hasMessageContaining("wasi/wasm: /absent/crun-wasm is not an executable file");
    node.awaitEnd(node.run(node.container("true")));
  }

  @Test
  void aBaseSpecificationHoldsWhereNothingElseIsSaid() throws Exception {
    Path base = Files.writeString(folder.resolve("base.json"), BASE);
    node.configure(settings(Duration.ofMinutes(1), base));
    String id =
        node.run(
            node.container(
                "/bin/sh",
                "-c",
                "echo $SITE $FROM; echo core $(ulimit -c) $(ulimit -H -c); "
                    + "cat /sys/fs/cgroup/pids/pids.max; sed -n '/ .based /p;/ .run /p' /proc/mounts; "
                    + "cat /sys/fs/cgroup/devices/devices.list"));
    node.awaitEnd(id);
    assertThat(node.log(id)).startsWith("base image", "core 1 2", "55");
    assertThat(String.join("\n", node.log(id)))
        .contains("tmpfs /based tmpfs", "size=64k", "c 1:3 rwm")
        .doesNotContain("/run ", "a *:* rwm");

    Files.writeString(base, "[]");
    assertThatThrownBy(() -> node.create(node.container("true")))
        .isInstanceOf(ServiceException.FailedPrecondition.class)
        .hasMessageContaining("base_runtime_spec " + base + ": not an object");
  }

  /** What runc from 1.3 on does with it, older ones pass over. */
  @Test
  void theOciRuntimeIsToldOnWhichProcessorToBeginWhatIsExecuted() throws Exception {
    Path told = folder.resolve("told");
    String keep =
        "for a; do [ \"$before\" != --process ] || cp \"$a\" %s; before=$a; done\n".formatted(told);
    node.configure(new Handler(program("keeping", keep)));
    ContainerConfig.Builder container = node.container("sleep", "600");
    container.getLinuxBuilder().getResourcesBuilder().setCpusetCpus("0");
    String id = node.run(container);

    assertThat(node.exec(id, 60, "true").getExitCode()).isZero();
    assertThat(told).content().doesNotContain("execCPUAffinity");
    node.configure(settings(Duration.ofMinutes(4), null, true));
    assertThat(node.exec(id, 60, "true").getExitCode()).isZero();
    assertThat(told).content().contains("\"execCPUAffinity\":{\"initial\":\"0\"}");
  }

  @Test
  void aCreationThatTakesTooLongIsEnded() throws Exception {
    Path hanging = program("hanging", "case \" $* \" in *' create '*) exec sleep 600;; esac\n");
    node.configure(new Handler(hanging));
    node.configure(settings(Duration.ofSeconds(2), null));
    assertThatThrownBy(() -> node.create(node.container("true")))
        .isInstanceOf(ServiceException.Internal.class)
        .hasMessageContaining("took longer than 2000 ms");
  }

  private ContainerConfig.Builder privileged(String... command) {
    ContainerConfig.Builder container = node.container(command);
    container.getLinuxBuilder().getSecurityContextBuilder().setPrivileged(true);
    return container;
  }

  private ContainerConfig.Builder ofWasm(String... command) {
    return node.container(command)
        .setImage(ImageSpec.newBuilder().setImage("docker.io/library/wasm:test"));
  }

  /** A runc that writes down how it is called. */
  private Path recorded(String name, Path calls) throws IOException {
    return program(name, "echo \" $* \" >> %s\n".formatted(calls));
  }

  /** What does something before it is runc. */
  private Path program(String name, String text) throws IOException {
    Path file = folder.resolve(name);
    Files.writeString(file, "#!/bin/sh\n" + text + "exec " + RUNC + " \"$@\"\n");
    return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
  }

  private static ContainerSettings settings(Duration createLimit, @Nullable Path base) {
    return settings(createLimit, base, false);
  }

  private static ContainerSettings settings(
      Duration createLimit, @Nullable Path base, boolean execOnFirstCpu) {
    HandlerSettings usual = HandlerSettings.USUAL;
    ContainerSettings all = ContainerSettings.USUAL;
    HandlerSettings runc =
        new HandlerSettings(
            usual.minMemoryBytes(),
            HandlerAnnotations.USUAL,
            null,
            false,
            execOnFirstCpu,
            createLimit,
            base,
            true);
    return new ContainerSettings(
        all.process(),
        all.mounts(),
        all.devices(),
        all.hooksDirs(),
        Map.of(),
        Map.of("runc", runc),
        List.of(),
        all.cpus());
  }
}
