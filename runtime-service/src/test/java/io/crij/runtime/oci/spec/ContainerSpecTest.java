package io.crij.runtime.oci.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.crij.cri.v1.Capability;
import io.crij.cri.v1.ContainerConfig;
import io.crij.cri.v1.HugepageLimit;
import io.crij.cri.v1.KeyValue;
import io.crij.cri.v1.LinuxContainerConfig;
import io.crij.cri.v1.LinuxContainerResources;
import io.crij.cri.v1.LinuxContainerSecurityContext;
import io.crij.cri.v1.SecurityProfile;
import io.crij.image.manifest.ImageConfig;
import io.crij.runtime.ServiceException;
import io.crij.runtime.cdi.Edits;
import io.crij.runtime.oci.HandlerFeatures;
import io.crij.runtime.oci.apparmor.AppArmor;
import io.crij.runtime.oci.mounts.PodFiles;
import io.crij.runtime.oci.node.CgroupFacts;
import io.crij.runtime.oci.node.NodeFacts;
import io.crij.runtime.oci.node.ResourceLimit;
import io.crij.runtime.oci.rootfs.ContainerIdentity;
import io.crij.runtime.settings.ContainerSettings;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigInteger;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

class ContainerSpecTest {
  private static final ImageConfig IMAGE =
      new ImageConfig(
          "",
          List.of("PATH=/bin", "LANG=C"),
          List.of("/entry"),
          List.of("serve"),
          "",
          Map.of("org.systemd.property.CollectMode", "'inactive'"),
          Set.of(),
          "");
  static final NodeFacts NODE = node(false, Set.of("cpu", "memory", "hugetlb"));

  private static NodeFacts node(boolean unified, Set<String> controllers) {
    return new NodeFacts(
        Set.of(
            "CAP_AUDIT_WRITE",
            "CAP_CHOWN",
            "CAP_DAC_OVERRIDE",
            "CAP_FOWNER",
            "CAP_FSETID",
            "CAP_KILL",
            "CAP_NET_ADMIN",
            "CAP_NET_BIND_SERVICE",
            "CAP_SETGID",
            "CAP_SETPCAP",
            "CAP_SETUID",
            "CAP_SYS_ADMIN"),
        40,
        -5,
        false,
        List.of(
            new ResourceLimit("RLIMIT_NOFILE", BigInteger.valueOf(1024), BigInteger.valueOf(4096))),
        new CgroupFacts(unified, controllers, true),
        Set.of("2MB", "1GB"),
        3,
        0,
        true,
        null);
  }

  static SpecInput input(ContainerConfig config, NodeFacts node, ContainerSettings settings) {
    return new SpecInput(
        config,
        IMAGE,
        new PodContext(
            "web-0",
            Path.of("/run/crij/sandboxes/s/ns/net"),
            Path.of("/run/crij/sandboxes/s/ns/ipc"),
            Path.of("/run/crij/sandboxes/s/ns/uts"),
            null,
            true,
            false,
            null,
            new PodFiles(
                Path.of("/run/crij/sandboxes/s/hosts"),
                Path.of("/run/crij/sandboxes/s/hostname"),
                Path.of("/run/crij/sandboxes/s/resolv.conf"),
                Path.of("/run/crij/sandboxes/s/shm")),
            Map.of()),
        Path.of("/run/crij/containers/c/rootfs"),
        "/kubepods/pod1/c",
        new ContainerIdentity(1000, 100, List.of(100L, 2000L)),
        "/srv",
        new HandlerFeatures(false, false),
        node,
        new AppArmor(Path.of("/absent")),
        settings,
        "runc",
        Edits.NONE);
  }

  private static ObjectNode spec(Consumer<ContainerConfig.Builder> edit) {
    return spec(edit, NODE);
  }

  private static ObjectNode spec(Consumer<ContainerConfig.Builder> edit, NodeFacts node) {
    ContainerConfig.Builder config = ContainerConfig.newBuilder();
    edit.accept(config);
    return ContainerSpec.of(input(config.build(), node, ContainerSettings.USUAL));
  }

  private static Consumer<ContainerConfig.Builder> security(
      Consumer<LinuxContainerSecurityContext.Builder> edit) {
    return config -> {
      LinuxContainerSecurityContext.Builder security = LinuxContainerSecurityContext.newBuilder();
      edit.accept(security);
      config.setLinux(LinuxContainerConfig.newBuilder().setSecurityContext(security));
    };
  }

  private static Consumer<ContainerConfig.Builder> resources(
      Consumer<LinuxContainerResources.Builder> edit) {
    return config -> {
      LinuxContainerResources.Builder resources = LinuxContainerResources.newBuilder();
      edit.accept(resources);
      config.setLinux(LinuxContainerConfig.newBuilder().setResources(resources));
    };
  }

  private static List<String> texts(JsonNode array) {
    return IntStream.range(0, array.size()).mapToObj(i -> array.get(i).asString()).toList();
  }

  @Test
  void theDefaultsAreThoseOfTheGoldenFile() throws IOException {
    try (InputStream golden =
        Objects.requireNonNull(ContainerSpecTest.class.getResourceAsStream("default.json"))) {
      JsonMapper mapper = new JsonMapper();
      assertThat(spec(_ -> {}).toPrettyString())
          .isEqualTo(mapper.readTree(golden).toPrettyString());
    }
  }

  @Test
  void aPrivilegedContainerHasWhatTheNodeCanGiveAndNothingHidden() {
    ObjectNode spec = spec(security(s -> s.setPrivileged(true).setSeccomp(runtimeDefault())));

    assertThat(texts(spec.at("/process/capabilities/bounding")))
        .hasSize(NODE.boundingCapabilities().size())
        .contains("CAP_SYS_ADMIN");
    assertThat(spec.at("/linux/maskedPaths").isMissingNode()).isTrue();
    assertThat(spec.at("/linux/readonlyPaths").isMissingNode()).isTrue();
    assertThat(spec.at("/linux/seccomp").isMissingNode()).isTrue();
    assertThat(spec.at("/linux/resources/devices/0/allow").asBoolean()).isTrue();
    assertThat(spec.at("/linux/devices").toString()).contains("\"/dev/null\"");
    for (JsonNode mount : spec.at("/mounts")) {
      assertThat(texts(mount.path("options"))).doesNotContain("ro");
    }
  }

  private static SecurityProfile runtimeDefault() {
    return SecurityProfile.newBuilder()
        .setProfileType(SecurityProfile.ProfileType.RuntimeDefault)
        .build();
  }

  @Test
  void commandAndArgumentsReplaceThoseOfTheImage() {
    assertThat(texts(spec(c -> c.addCommand("sh").addArgs("-c")).at("/process/args")))
        .containsExactly("sh", "-c");
    assertThat(texts(spec(c -> c.addCommand("sh")).at("/process/args"))).containsExactly("sh");
    assertThat(texts(spec(c -> c.addArgs("check")).at("/process/args")))
        .containsExactly("/entry", "check");
  }

  @Test
  void theLastValueOfAVariableWinsAndBytesStayAsTheyAre() {
    ObjectNode spec =
        spec(c ->
            c.setTty(true)
                .addEnvs(env("LANG", "de_DE"))
                .addEnvs(env("TEXT", "a\nb=ü"))
                .addEnvs(env("EMPTY", "")));

    assertThat(texts(spec.at("/process/env")))
        .containsExactly(
            "PATH=/bin", "TERM=xterm", "HOSTNAME=web-0", "LANG=de_DE", "TEXT=a\nb=ü", "EMPTY=");
  }

  private static KeyValue env(String key, String value) {
    return KeyValue.newBuilder().setKey(key).setValue(ByteString.copyFromUtf8(value)).build();
  }

  @Test
  void variablesThatCannotReachTheProcessAreRefused() {
    KeyValue bytes =
        KeyValue.newBuilder()
            .setKey("RAW")
            .setValue(ByteString.copyFrom(new byte[] {(byte) 0xff}))
            .build();
    for (KeyValue bad : List.of(env("", "x"), env("A=B", "x"), env("A", "x\0y"), bytes)) {
      assertRefused(c -> c.addEnvs(bad), "envs");
    }
  }

  private static void assertRefused(Consumer<ContainerConfig.Builder> edit, String field) {
    assertThatThrownBy(() -> spec(edit))
        .isInstanceOf(ServiceException.InvalidArgument.class)
        .hasMessageContaining(field);
  }

  @Test
  void aCapabilityAskedForByNameIsGivenOrRefusedByName() {
    ObjectNode spec =
        spec(
            security(s ->
                s.setCapabilities(
                    Capability.newBuilder()
                        .addAddCapabilities("net_admin")
                        .addDropCapabilities("ALL"))));
    assertThat(texts(spec.at("/process/capabilities/bounding"))).containsExactly("CAP_NET_ADMIN");
    assertThat(spec.at("/process/capabilities/inheritable").isMissingNode()).isTrue();

    assertRefused(
        security(
            s -> s.setCapabilities(Capability.newBuilder().addAddCapabilities("SYS_RESOURCE"))),
        "CAP_SYS_RESOURCE");
    assertRefused(
        security(s -> s.setCapabilities(Capability.newBuilder().addAddCapabilities("CAP_FLY"))),
        "CAP_FLY");
  }

  @Test
  void allMeansWhatTheNodeCanGive() {
    ObjectNode spec =
        spec(
            security(s ->
                s.setCapabilities(
                    Capability.newBuilder()
                        .addAddCapabilities("ALL")
                        .addDropCapabilities("CAP_SYS_ADMIN"))));

    assertThat(texts(spec.at("/process/capabilities/effective")))
        .contains("CAP_NET_ADMIN")
        .doesNotContain("CAP_SYS_ADMIN", "CAP_SYS_RESOURCE");
  }

  @Test
  void ambientCapabilitiesAreAlsoInheritable() {
    ObjectNode spec =
        spec(
            security(s ->
                s.setCapabilities(Capability.newBuilder().addAddAmbientCapabilities("NET_ADMIN"))));

    assertThat(texts(spec.at("/process/capabilities/ambient"))).containsExactly("CAP_NET_ADMIN");
    assertThat(texts(spec.at("/process/capabilities/inheritable")))
        .containsExactly("CAP_NET_ADMIN");
    assertThat(texts(spec.at("/process/capabilities/permitted"))).contains("CAP_NET_ADMIN");
  }

  @ParameterizedTest
  @CsvSource({"1000,1000", "0,0", "-5,-5", "-998,-5"})
  void theOomScoreDoesNotGoBelowOurOwn(long requested, int expected) {
    ObjectNode spec = spec(resources(r -> r.setOomScoreAdj(requested)));

    assertThat(spec.at("/process/oomScoreAdj").asInt()).isEqualTo(expected);
  }

  @Test
  void resourcesAreWrittenAsAsked() {
    ObjectNode spec =
        spec(
            resources(r ->
                r.setCpuShares(512)
                    .setCpuPeriod(100_000)
                    .setCpuQuota(50_000)
                    .setCpusetCpus("0-1,3")
                    .setCpusetMems("0")
                    .setMemoryLimitInBytes(64 << 20)
                    .addHugepageLimits(
                        HugepageLimit.newBuilder().setPageSize("2048KB").setLimit(4 << 20))));

    assertThat(spec.at("/linux/resources/cpu").toString())
        .isEqualTo(
            "{\"shares\":512,\"period\":100000,\"quota\":50000,\"cpus\":\"0-1,3\",\"mems\":\"0\"}");
    assertThat(spec.at("/linux/resources/memory").toString())
        .isEqualTo("{\"limit\":67108864,\"swap\":67108864}");
    assertThat(spec.at("/linux/resources/hugepageLimits").toString())
        .isEqualTo("[{\"pageSize\":\"2MB\",\"limit\":4194304}]");
  }

  @Test
  void valuesThatNoNodeCanSetAreRefused() {
    assertRefused(resources(r -> r.setMemoryLimitInBytes(1)), "memory_limit_in_bytes");
    assertRefused(resources(r -> r.setMemoryLimitInBytes(Long.MIN_VALUE)), "memory_limit_in_bytes");
    assertRefused(
        resources(r -> r.setMemoryLimitInBytes(64 << 20).setMemorySwapLimitInBytes(1 << 20)),
        "memory_swap_limit_in_bytes");
    assertRefused(resources(r -> r.setCpuPeriod(1)), "cpu_period");
    assertRefused(resources(r -> r.setCpuQuota(-2)), "cpu_quota");
    assertRefused(resources(r -> r.setCpuShares(-1)), "cpu_shares");
    assertRefused(resources(r -> r.setOomScoreAdj(99_999)), "oom_score_adj");
    assertRefused(resources(r -> r.putUnified("memory.max", "1")), "unified");
    for (String cpus : List.of("0-2147483647", "0-18446744073709551615", "1-0", "a", "0,", "9")) {
      assertRefused(resources(r -> r.setCpusetCpus(cpus)), "cpuset_cpus");
    }
    assertRefused(resources(r -> r.setCpusetCpus("0,".repeat(500_000) + "0")), "cpuset_cpus");
    for (String size : List.of("1EB", "2MiB", "", "-2MB", "64KB")) {
      assertRefused(
          resources(r -> r.addHugepageLimits(HugepageLimit.newBuilder().setPageSize(size))),
          "hugepage_limits");
    }
  }

  @Test
  void withoutTheControllerHugepageLimitsHaveNoEffect() {
    ObjectNode spec =
        spec(
            resources(r -> r.addHugepageLimits(HugepageLimit.newBuilder().setPageSize("2MB"))),
            node(false, Set.of("memory")));

    assertThat(spec.at("/linux/resources/hugepageLimits").isMissingNode()).isTrue();
  }

  @Test
  void unifiedSettingsAndACgroupNamespaceComeWithCgroupVersionTwo() {
    ObjectNode spec =
        spec(resources(r -> r.putUnified("memory.high", "1000")), node(true, Set.of("memory")));

    assertThat(spec.at("/linux/resources/unified/memory.high").asString()).isEqualTo("1000");
    assertThat(spec.at("/linux/namespaces").toString()).contains("{\"type\":\"cgroup\"}");
  }

  @Test
  void annotationsAndLabelsNeverReachTheRuntime() {
    ObjectNode spec =
        spec(c ->
            c.putAnnotations("run.oci.hooks.stderr", "/tmp/x")
                .putAnnotations("org.systemd.property.CollectMode", "'inactive'")
                .putLabels("org.criu.config", "/tmp/x"));

    assertThat(spec.has("annotations")).isFalse();
    assertThat(spec.toString()).doesNotContain("systemd", "run.oci", "criu");
  }

  @Test
  void whatIsNotSupportedIsRefusedByItsName() {
    assertRefused(
        security(s ->
            s.setApparmor(
                SecurityProfile.newBuilder()
                    .setProfileType(SecurityProfile.ProfileType.Localhost)
                    .setLocalhostRef("mine"))),
        "AppArmor");
    assertRefused(security(s -> s.addMaskedPaths("relative")), "masked_paths");
  }

  @Test
  void pathsOfTheRequestAddToTheProtectedOnes() {
    ObjectNode spec = spec(security(s -> s.addMaskedPaths("/mine").addReadonlyPaths("/yours")));

    assertThat(texts(spec.at("/linux/maskedPaths"))).contains("/mine", "/proc/kcore");
    assertThat(texts(spec.at("/linux/readonlyPaths"))).contains("/yours", "/proc/sys");
  }
}
