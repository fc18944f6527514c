package io.crij.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.crij.cri.v1.ImageServiceGrpc;
import io.crij.cri.v1.ListImagesRequest;
import io.crij.cri.v1.RuntimeCondition;
import io.crij.cri.v1.RuntimeServiceGrpc;
import io.crij.cri.v1.StatusRequest;
import io.crij.linux.mount.MountFlag;
import io.crij.linux.mount.Mounts;
import io.crij.linux.testing.LeavesNoTrace;
import io.crij.linux.testing.PrivateRoot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What Status tells of the disk that crijd has, and of OCI runtimes that cannot run. */
@SuppressWarnings("NullAway.Init") // Set before each test.
@ExtendWith(LeavesNoTrace.class)
final class StatusKernelTest {
  /** What is to be said of /bin/false. */
  private static final String FALSE = "ended with status 1 and wrote nothing";

  private PrivateRoot home;
  private TestServer server;

  @BeforeEach
  void server(PrivateRoot home) throws IOException {
    this.home = home;
    server = new TestServer(home);
  }

  @AfterEach
  void stop() throws IOException, InterruptedException {
    server.stop();
  }

  @Test
  void aStoreThatBecameReadOnlyIsToldOfAndReadOn() throws Exception {
    Path images = server.root();
    server.start();
    assertThat(storeWritable().getStatus()).isTrue();
    Mounts.bind(images, images, false, Set.of(MountFlag.READ_ONLY));
    try {
      assertThat(storeWritable().getStatus()).isFalse();
      assertThat(storeWritable().getMessage()).isEqualTo(images + " has become read-only");
      assertThat(
              ImageServiceGrpc.newBlockingStub(server.channel("crij.sock"))
                  .listImages(ListImagesRequest.getDefaultInstance())
                  .getImagesList())
          .isEmpty();
    } finally {
      Mounts.detach(images);
    }
    assertThat(storeWritable().getStatus()).isTrue();
  }

  @Test
  void withoutARuntimeThatCanRunItServesAndSaysWhy() throws Exception {
    Path file = home.resolve("crij.toml");
    String runc = "[crij.runtime.runtimes.runc]\nruntime_path = '%s'\n";
    String crun = "[crij.runtime.runtimes.crun]\nruntime_path = '/bin/false'\n";
    Files.writeString(file, crun + runc.formatted("/bin/false"));
    server.set("CRIJ_CONFIG", file.toString());
    Process crijd = server.start();

    assertThat(condition("RuntimeReady").getStatus()).isFalse();
    assertThat(condition("RuntimeReady").getReason()).isEqualTo("RuntimeHandlerNotReady");
    assertThat(condition("RuntimeReady").getMessage())
        .isEqualTo("no OCI runtime can run here; crun: %s; runc: %s".formatted(FALSE, FALSE));

    Files.writeString(file, crun + runc.formatted("/usr/sbin/runc"));
    server.hangUp(crijd);
    assertThat(condition("RuntimeReady").getStatus()).isTrue();
    assertThat(condition("RuntimeReady").getMessage()).isEqualTo("crun cannot run here: " + FALSE);
  }

  @Test
  void aProfileIsSpokenOfOnlyWhereTheNodeHasAppArmor() throws Exception {
    Path enabled = Path.of("/sys/module/apparmor/parameters/enabled");
    boolean hasAppArmor = Files.exists(enabled) && Files.readString(enabled).startsWith("Y");
    server.start();

    assertThat(conditions().stream().map(RuntimeCondition::getType).toList())
        .contains("RuntimeReady", "NetworkReady")
        .matches(types -> types.contains("CrijAppArmorProfileLoaded") == hasAppArmor);
  }

  private RuntimeCondition storeWritable() {
    return condition("CrijStoreWritable");
  }

  private RuntimeCondition condition(String type) {
    return conditions().stream()
        .filter(condition -> condition.getType().equals(type))
        .findFirst()
        .orElseThrow();
  }

  private List<RuntimeCondition> conditions() {
    return RuntimeServiceGrpc.newBlockingStub(server.channel("crij.sock"))
        .status(StatusRequest.getDefaultInstance())
        .getStatus()
        .getConditionsList();
  }
}
