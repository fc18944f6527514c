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
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What Status tells of the disk that crijd has. */
@SuppressWarnings("NullAway.Init") // Set before each test.
@ExtendWith(LeavesNoTrace.class)
final class StatusKernelTest {
  private TestServer server;

  @BeforeEach
  void server(PrivateRoot home) throws IOException {
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

  private RuntimeCondition storeWritable() {
    return RuntimeServiceGrpc.newBlockingStub(server.channel("crij.sock"))
        .status(StatusRequest.getDefaultInstance())
        .getStatus()
        .getConditionsList()
        .stream()
        .filter(condition -> condition.getType().equals("CrijStoreWritable"))
        .findFirst()
        .orElseThrow();
  }
}
