package io.crij.runtime.oci.seccomp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crij.cri.v1.LinuxContainerSecurityContext;
import io.crij.cri.v1.SecurityProfile;
import io.crij.cri.v1.SecurityProfile.ProfileType;
import io.crij.runtime.ServiceException;
import io.crij.runtime.settings.SeccompSettings;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

class SeccompFilterTest {
  private static @Nullable ObjectNode filter(
      LinuxContainerSecurityContext.Builder security, String... capabilities) {
    return SeccompFilter.of(security.build(), SeccompSettings.USUAL, Set.of(capabilities), true);
  }

  private static LinuxContainerSecurityContext.Builder profile(ProfileType type, String reference) {
    return LinuxContainerSecurityContext.newBuilder()
        .setSeccomp(SecurityProfile.newBuilder().setProfileType(type).setLocalhostRef(reference));
  }

  /** Actions by name, of the rules without conditions. */
  private static Map<String, String> plainRules(@Nullable ObjectNode filter) {
    Map<String, String> actions = new HashMap<>();
    for (JsonNode rule : Objects.requireNonNull(filter).path("syscalls")) {
      if (rule.path("args").isEmpty()) {
        rule.path("names").forEach(n -> actions.put(n.asString(), rule.path("action").asString()));
      }
    }
    return actions;
  }

  @Test
  void noProfileMeansUnconfined() {
    assertThat(filter(LinuxContainerSecurityContext.newBuilder())).isNull();
    assertThat(filter(profile(ProfileType.Unconfined, ""))).isNull();
    assertThat(filter(profile(ProfileType.RuntimeDefault, "").setPrivileged(true))).isNull();
  }

  @Test
  void theDefaultRefusesWhatItDoesNotName() {
    ObjectNode filter = filter(profile(ProfileType.RuntimeDefault, ""));

    Map<String, String> rules = plainRules(filter);
    assertThat(Objects.requireNonNull(filter).path("defaultAction").asString())
        .isEqualTo("SCMP_ACT_ERRNO");
    assertThat(rules)
        .containsEntry("openat", "SCMP_ACT_ALLOW")
        .containsEntry("mount", "SCMP_ACT_ERRNO")
        .containsEntry("keyctl", "SCMP_ACT_ERRNO")
        .doesNotContainKeys("clone", "clone3", "socket", "personality", "io_uring_setup");
  }

  @Test
  void aCapabilityAllowsItsCalls() {
    assertThat(plainRules(filter(profile(ProfileType.RuntimeDefault, ""), "CAP_SYS_ADMIN")))
        .containsEntry("mount", "SCMP_ACT_ALLOW")
        .containsEntry("clone", "SCMP_ACT_ALLOW")
        .containsEntry("clone3", "SCMP_ACT_ALLOW")
        .containsEntry("syslog", "SCMP_ACT_ALLOW")
        .containsEntry("reboot", "SCMP_ACT_ERRNO");
  }

  @Test
  void oneArgumentIsComparedOnceARule() {
    for (JsonNode rule :
        Objects.requireNonNull(filter(profile(ProfileType.RuntimeDefault, ""))).path("syscalls")) {
      long arguments = rule.path("args").size();
      assertThat(rule.path("args").valueStream().map(a -> a.path("index").asInt()).distinct())
          .hasSize((int) arguments);
    }
  }

  @Test
  void theHighestNumberComesFirst() {
    JsonNode rules =
        Objects.requireNonNull(filter(profile(ProfileType.RuntimeDefault, ""))).path("syscalls");
    List<String> names = new ArrayList<>();
    rules.forEach(rule -> rule.path("names").forEach(name -> names.add(name.asString())));

    // 437, 321, 319; 317, 165, 72 on x86-64, and in the same order on ARM (asm/unistd.h).
    assertThat(names)
        .containsSubsequence("openat2", "bpf", "memfd_create")
        .containsSubsequence("seccomp", "mount", "fcntl")
        // Of 32 bits only.
        .containsSubsequence("openat", "fstat64");
    assertThat(rules.size()).isLessThan(100);
  }

  @Test
  void anotherOrderMeansTheSame() {
    Random random = new Random(6);
    List<String> known = List.of("read", "openat", "socket", "mount", "clone3", "ours_alone");
    ArrayNode rules = JsonNodeFactory.instance.arrayNode();
    for (int i = 0; i < 200; i++) {
      ObjectNode rule = rules.addObject();
      ArrayNode names = rule.putArray("names");
      for (int n = random.nextInt(3); n >= 0; n--) {
        names.add(known.get(random.nextInt(known.size())));
      }
      rule.put("action", random.nextBoolean() ? "SCMP_ACT_ALLOW" : "SCMP_ACT_ERRNO");
      if (random.nextBoolean()) {
        rule.putArray("args").addObject().put("index", 0).put("value", random.nextInt(3));
      }
    }

    ArrayNode ordered = CallOrder.load(Architecture.X86_64).apply(rules);

    for (String name : known) {
      assertThat(rulesOf(name, ordered)).isEqualTo(rulesOf(name, rules)).isNotEmpty();
    }
  }

  /** Without their names, in their order. */
  private static List<JsonNode> rulesOf(String name, ArrayNode rules) {
    List<JsonNode> found = new ArrayList<>();
    for (JsonNode rule : rules) {
      for (JsonNode other : rule.path("names")) {
        if (other.asString().equals(name)) {
          found.add(((ObjectNode) rule.deepCopy()).without("names"));
        }
      }
    }
    return found;
  }

  @Test
  void aFileInDockersFormIsReadForTheContainersCapabilities(@TempDir Path folder)
      throws IOException {
    Path file = folder.resolve("profile.json");
    Files.writeString(
        file,
        """
        {"defaultAction": "SCMP_ACT_ERRNO", "listenerPath": "/run/evil.sock",
         "archMap": [{"architecture": "SCMP_ARCH_X86_64", "subArchitectures": ["SCMP_ARCH_X86"]},
                     {"architecture": "SCMP_ARCH_AARCH64", "subArchitectures": ["SCMP_ARCH_ARM"]}],
         "syscalls": [
           {"names": ["read"], "action": "SCMP_ACT_ALLOW"},
           {"names": ["mount"], "action": "SCMP_ACT_ALLOW", "includes": {"caps": ["CAP_SYS_ADMIN"]}},
           {"names": ["mount"], "action": "SCMP_ACT_KILL", "excludes": {"caps": ["CAP_SYS_ADMIN"]}}]}
        """);

    ObjectNode filter = filter(profile(ProfileType.Localhost, file.toString()));
    assertThat(plainRules(filter)).containsEntry("mount", "SCMP_ACT_KILL");
    assertThat(Objects.requireNonNull(filter).path("architectures").size()).isEqualTo(2);
    assertThat(filter.has("listenerPath")).isFalse();
    assertThat(plainRules(filter(profile(ProfileType.Localhost, file.toString()), "CAP_SYS_ADMIN")))
        .containsEntry("mount", "SCMP_ACT_ALLOW");
  }

  @Test
  void theNodesFilesReplaceTheDefault(@TempDir Path folder) throws IOException {
    Path standard = Files.writeString(folder.resolve("s"), "{\"defaultAction\":\"SCMP_ACT_LOG\"}");
    Path privileged =
        Files.writeString(folder.resolve("p"), "{\"defaultAction\":\"SCMP_ACT_TRACE\"}");
    SeccompSettings node = new SeccompSettings(standard, privileged);

    assertThat(action(profile(ProfileType.RuntimeDefault, ""), node)).isEqualTo("SCMP_ACT_LOG");
    assertThat(action(profile(ProfileType.Localhost, privileged.toString()), node))
        .isEqualTo("SCMP_ACT_TRACE");
    assertThat(action(profile(ProfileType.RuntimeDefault, "").setPrivileged(true), node))
        .isEqualTo("SCMP_ACT_TRACE");
    assertThat(SeccompFilter.of(profile(ProfileType.Unconfined, "").build(), node, Set.of(), true))
        .isNull();
    Files.delete(standard);
    assertThatThrownBy(() -> action(profile(ProfileType.RuntimeDefault, ""), node))
        .isInstanceOf(ServiceException.InvalidArgument.class)
        .hasMessageContaining(standard.toString());
  }

  private static String action(
      LinuxContainerSecurityContext.Builder security, SeccompSettings node) {
    return Objects.requireNonNull(SeccompFilter.of(security.build(), node, Set.of(), true))
        .path("defaultAction")
        .asString();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "relative.json", "/absent/profile.json", "/dev/zero", "/etc"})
  void aProfileThatCannotBeReadIsNeverUnconfinedInstead(String reference) {
    assertThatThrownBy(() -> filter(profile(ProfileType.Localhost, reference)))
        .isInstanceOf(ServiceException.InvalidArgument.class);
  }

  @Test
  void linksLargeFilesAndNonsenseAreRefused(@TempDir Path folder) throws IOException {
    Path good = Files.writeString(folder.resolve("good"), "{\"defaultAction\":\"SCMP_ACT_ALLOW\"}");
    Path link = Files.createSymbolicLink(folder.resolve("link"), good);
    Path broken = Files.writeString(folder.resolve("broken"), "{");
    Path array = Files.writeString(folder.resolve("array"), "[]");
    Path large = folder.resolve("large");
    try (RandomAccessFile file = new RandomAccessFile(large.toFile(), "rw")) {
      file.setLength(100L << 20);
    }
    for (Path bad : new Path[] {link, broken, array, large}) {
      assertThatThrownBy(() -> filter(profile(ProfileType.Localhost, bad.toString())))
          .isInstanceOf(ServiceException.InvalidArgument.class)
          .hasMessageContaining(bad.toString());
    }
    assertThatThrownBy(() ->
            filter(
                LinuxContainerSecurityContext.newBuilder()
                    .setSeccomp(SecurityProfile.newBuilder().setProfileTypeValue(9))))
        .isInstanceOf(ServiceException.InvalidArgument.class);
  }
}
