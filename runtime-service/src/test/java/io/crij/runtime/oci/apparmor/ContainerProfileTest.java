package io.crij.runtime.oci.apparmor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crij.cri.v1.LinuxContainerSecurityContext;
import io.crij.cri.v1.SecurityProfile;
import io.crij.cri.v1.SecurityProfile.ProfileType;
import io.crij.runtime.ServiceException;
import io.crij.runtime.settings.ProcessSettings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Nodes are folders with files as in {@code /sys}; in apparmor_parser's place a program that puts
 * the profile it reads on the kernel's list.
 */
class ContainerProfileTest {
  private static final String PARSER =
      """
      #!/bin/sh
      echo "$@" >> '%1$s/calls'
      cat > '%1$s/text'
      echo "$(sed -n 's/^profile \\([^ ]*\\) .*/\\1/p' '%1$s/text') (enforce)" \
        >> '%1$s/sys/kernel/security/apparmor/profiles'
      """;

  @TempDir Path root;

  @BeforeEach
  void aNodeWithAppArmor() throws Exception {
    write("sys/module/apparmor/parameters/enabled", "Y\n");
    write("sys/kernel/security/apparmor/profiles", "/usr/bin/man (enforce)\nsite (complain)\n");
  }

  private Path write(String file, String text) throws Exception {
    Path path = root.resolve(file);
    Files.createDirectories(path.getParent());
    return Files.writeString(path, text);
  }

  private void parser(String script) throws Exception {
    Files.setPosixFilePermissions(
        write("usr/sbin/apparmor_parser", script.formatted(root)),
        PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private static LinuxContainerSecurityContext.Builder asking(ProfileType type, String reference) {
    return LinuxContainerSecurityContext.newBuilder()
        .setApparmor(SecurityProfile.newBuilder().setProfileType(type).setLocalhostRef(reference));
  }

  @SuppressWarnings("deprecation") // as older kubelets ask
  private static LinuxContainerSecurityContext.Builder old(String profile) {
    return LinuxContainerSecurityContext.newBuilder().setApparmorProfile(profile);
  }

  private String profile(LinuxContainerSecurityContext.Builder security) {
    return profile(security, ProcessSettings.OWN_APPARMOR_PROFILE);
  }

  private String profile(LinuxContainerSecurityContext.Builder security, String nodesDefault) {
    return ContainerProfile.of(security.build(), new AppArmor(root), nodesDefault);
  }

  @Test
  void ourProfileIsLoadedOnceForWhoeverComesFirst() throws Exception {
    parser(PARSER);
    AppArmor node = new AppArmor(root);
    try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < 8; i++) {
        callers.execute(
            () -> assertThat(node.whyNot(ProcessSettings.OWN_APPARMOR_PROFILE)).isNull());
      }
    }

    assertThat(profile(asking(ProfileType.RuntimeDefault, ""))).isEqualTo("crij-default");
    assertThat(profile(LinuxContainerSecurityContext.newBuilder())).isEqualTo("crij-default");
    assertThat(profile(old("runtime/default"))).isEqualTo("crij-default");
    assertThat(root.resolve("calls")).hasContent("--replace --skip-cache\n");
    assertThat(root.resolve("text")).content().contains("deny mount,");
  }

  @Test
  void whatIsUnloadedIsLoadedAgain() throws Exception {
    parser(PARSER);
    profile(LinuxContainerSecurityContext.newBuilder());
    write("sys/kernel/security/apparmor/profiles", "");

    assertThat(profile(LinuxContainerSecurityContext.newBuilder())).isEqualTo("crij-default");
    assertThat(root.resolve("calls")).content().hasLineCount(2);
  }

  @Test
  void withoutTheParserOnlyWhoAsksIsRefused() {
    assertThat(profile(LinuxContainerSecurityContext.newBuilder())).isEmpty();
    assertThatThrownBy(() -> profile(asking(ProfileType.RuntimeDefault, "")))
        .isInstanceOf(ServiceException.FailedPrecondition.class)
        .hasMessage(
            "linux.security_context.apparmor: profile crij-default is not loaded, and this node has"
                + " no apparmor_parser(8)");
    assertThatThrownBy(() -> profile(old("runtime/default")))
        .isInstanceOf(ServiceException.FailedPrecondition.class);
  }

  @Test
  void thatContainersHaveNoneIsToldUntilTheProfileIsThere() throws Exception {
    AppArmor node = new AppArmor(root);
    LinuxContainerSecurityContext silent = LinuxContainerSecurityContext.getDefaultInstance();
    assertThat(node.trouble()).isEmpty();

    for (int i = 0; i < 2; i++) {
      assertThat(ContainerProfile.of(silent, node, ProcessSettings.OWN_APPARMOR_PROFILE)).isEmpty();
      assertThat(node.trouble())
          .isEqualTo("profile crij-default is not loaded, and this node has no apparmor_parser(8)");
    }

    parser(PARSER);
    assertThat(ContainerProfile.of(silent, node, ProcessSettings.OWN_APPARMOR_PROFILE))
        .isEqualTo("crij-default");
    assertThat(node.trouble()).isEmpty();
  }

  @Test
  void theParsersWordsAreTold() throws Exception {
    parser(
        "#!/bin/sh\ncat > /dev/null\necho 'Access denied. You need policy admin.' >&2\nexit 1\n");

    assertThatThrownBy(() -> profile(asking(ProfileType.RuntimeDefault, "")))
        .isInstanceOf(ServiceException.FailedPrecondition.class)
        .hasMessageContaining("apparmor_parser: Access denied.");
  }

  @Test
  void anotherDefaultIsTheAdministratorsToLoad() throws Exception {
    parser(PARSER);

    assertThat(profile(LinuxContainerSecurityContext.newBuilder(), "site")).isEqualTo("site");
    assertThat(profile(asking(ProfileType.RuntimeDefault, ""), "unconfined")).isEmpty();
    assertThatThrownBy(() -> profile(LinuxContainerSecurityContext.newBuilder(), "sit"))
        .isInstanceOf(ServiceException.FailedPrecondition.class)
        .hasMessageContaining("profile sit is not loaded on this node");
    assertThat(root.resolve("calls")).doesNotExist();
  }

  @Test
  void aProfileOfTheNodeMustBeLoaded() {
    assertThat(profile(asking(ProfileType.Localhost, "localhost//usr/bin/man")))
        .isEqualTo("/usr/bin/man");
    assertThat(profile(asking(ProfileType.Localhost, "site"))).isEqualTo("site");
    assertThat(profile(old("localhost/site"))).isEqualTo("site");
    assertThatThrownBy(() -> profile(asking(ProfileType.Localhost, "absent")))
        .isInstanceOf(ServiceException.FailedPrecondition.class)
        .hasMessage("linux.security_context.apparmor: profile absent is not loaded on this node");
  }

  @Test
  void privilegedAndUnconfinedContainersHaveNone() {
    assertThat(profile(asking(ProfileType.Unconfined, ""))).isEmpty();
    assertThat(profile(old("unconfined"))).isEmpty();
    for (ProfileType type : new ProfileType[] {ProfileType.RuntimeDefault, ProfileType.Localhost}) {
      assertThat(profile(asking(type, "site").setPrivileged(true))).isEmpty();
    }
  }

  @Test
  void anUnreadableListIsSaid() throws Exception {
    Files.delete(root.resolve("sys/kernel/security/apparmor/profiles"));

    assertThatThrownBy(() -> profile(asking(ProfileType.Localhost, "site")))
        .isInstanceOf(ServiceException.FailedPrecondition.class)
        .hasMessageContaining("apparmor/profiles");
  }

  @ParameterizedTest
  @ValueSource(strings = {"N\n", ""})
  void withoutAppArmorOnlyProfilesOfTheNodeAreRefused(String enabled) throws Exception {
    write("sys/module/apparmor/parameters/enabled", enabled);

    assertThat(profile(LinuxContainerSecurityContext.newBuilder())).isEmpty();
    assertThat(profile(asking(ProfileType.RuntimeDefault, ""))).isEmpty();
    assertThatThrownBy(() -> profile(asking(ProfileType.Localhost, "site")))
        .isInstanceOf(ServiceException.InvalidArgument.class)
        .hasMessageContaining("this node has no AppArmor");
  }

  @Test
  void nonsenseIsRefused() {
    assertThatThrownBy(() -> profile(asking(ProfileType.Localhost, "localhost/")))
        .isInstanceOf(ServiceException.InvalidArgument.class);
    assertThatThrownBy(() -> profile(old("docker/x")))
        .isInstanceOf(ServiceException.InvalidArgument.class)
        .hasMessageContaining("apparmor_profile");
    assertThatThrownBy(() ->
            profile(
                LinuxContainerSecurityContext.newBuilder()
                    .setApparmor(SecurityProfile.newBuilder().setProfileTypeValue(9))))
        .isInstanceOf(ServiceException.InvalidArgument.class);
  }
}
