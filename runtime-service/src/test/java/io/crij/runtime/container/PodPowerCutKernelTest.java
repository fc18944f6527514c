package io.crij.runtime.container;

import static io.crij.linux.testing.Eventually.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.crij.cri.v1.Container;
import io.crij.cri.v1.ContainerState;
import io.crij.cri.v1.ListContainersRequest;
import io.crij.cri.v1.ListPodSandboxRequest;
import io.crij.cri.v1.PodSandbox;
import io.crij.cri.v1.PodSandboxState;
import io.crij.cri.v1.RemovePodSandboxRequest;
import io.crij.linux.mount.Mounts;
import io.crij.linux.testing.LeavesNoTrace;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Fault F-02: a power cut while pods and containers come and go. The disk is an ext4 file system in
 * a file, and is copied while it is mounted, so that the copy has what had reached the disk, and no
 * more. Then the node starts from each copy, with an empty /run and another boot.
 */
@ExtendWith(LeavesNoTrace.class)
class PodPowerCutKernelTest {
  private static final int CUTS = 3;
  private static final long DISK_BYTES = 300L << 20;

  @TempDir Path imageFolder;
  @TempDir Path folder;
  private Path disk;
  private ContainerNode node;

  @BeforeEach
  void openNode() throws Exception {
    Path file = folder.resolve("disk.img");
    try (RandomAccessFile empty = new RandomAccessFile(file.toFile(), "rw")) {
      empty.setLength(DISK_BYTES);
    }
    run("mkfs.ext4", "-q", file.toString());
    disk = Files.createDirectory(folder.resolve("disk"));
    run("mount", "-o", "loop", file.toString(), disk.toString());
    node =
        new ContainerNode(
            Files.createDirectory(disk.resolve("node")), BusyboxImage.create(imageFolder, "{}"));
  }

  @AfterEach
  void closeNode() throws Exception {
    try {
      // Null when it could not be opened.
      if (node != null) {
        node.close();
      }
    } finally {
      Mounts.detach(disk);
    }
  }

  @Test
  void afterThePowerCameBackAllIsListedAsItIsAndCanBeRemoved() throws Exception {
    List<Path> copies = cutThePower();
    removeAll();
    node.closeServiceAndKillMonitor();

    int found = 0;
    for (Path copy : copies) {
      Mounts.detach(disk);
      run("mount", "-o", "loop", copy.toString(), disk.toString());
      beginAnotherBoot();
      node.openService();

      List<PodSandbox> pods = listed();
      found += pods.size();
      assertThat(pods).allMatch(pod -> pod.getState() == PodSandboxState.SANDBOX_NOTREADY);
      assertThat(containers()).allMatch(one -> one.getState() == ContainerState.CONTAINER_EXITED);
      // A record may have reached the disk before its layer.
      await("that only layers of containers are there", () -> containerIds().containsAll(layers()));

      removeAll();
      assertThat(containers()).isEmpty();
      await("that all layers are gone", () -> layers().isEmpty());
      node.pod = node.runPod();
      node.remove(node.run(node.container("sleep", "1000")));
      if (!copy.equals(copies.getLast())) {
        removeAll();
        node.closeServiceAndKillMonitor();
      }
    }
    assertThat(found).as("pods that had reached the disk").isPositive();
  }

  private List<Path> cutThePower() throws Exception {
    List<Path> copies = new ArrayList<>();
    AtomicBoolean ended = new AtomicBoolean();
    Random random = new Random(7);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<?> lives =
          threads.submit(() -> {
            while (!ended.get()) {
              live();
            }
          });
      for (int i = 0; i < CUTS; i++) {
        run("sync", "--file-system", disk.toString());
        Thread.sleep(random.nextLong(500));
        Path copy = folder.resolve("cut-" + i + ".img");
        run("cp", "--sparse=always", folder.resolve("disk.img").toString(), copy.toString());
        copies.add(copy);
      }
      ended.set(true);
      lives.get();
    }
    return copies;
  }

  private void live() {
    String before = node.pod;
    node.pod = node.runPod();
    String kept = node.run(node.container("sh", "-c", "echo 1 > /file; sleep 1000"));
    String removed = node.create(node.container("sleep", "1000"));
    node.stop(kept, 0);
    node.remove(removed);
    remove(before);
  }

  /** What a boot finds: nothing in /run, and records of another one. */
  private void beginAnotherBoot() throws Exception {
    run("rm", "-r", node.config.runroot().toString());
    Files.createDirectory(node.config.runroot());
    try (Connection connection =
            DriverManager.getConnection("jdbc:sqlite:" + node.config.root().resolve("crij.db"));
        Statement statement = connection.createStatement()) {
      try (ResultSet check = statement.executeQuery("PRAGMA integrity_check")) {
        assertThat(check.getString(1)).isEqualTo("ok");
      }
      statement.executeUpdate("UPDATE sandboxes SET boot_id = 'another'");
      statement.executeUpdate("UPDATE containers SET boot_id = 'another'");
    }
  }

  private List<PodSandbox> listed() {
    return node.service.listPodSandbox(ListPodSandboxRequest.getDefaultInstance()).getItemsList();
  }

  private List<Container> containers() {
    return node.service
        .listContainers(ListContainersRequest.getDefaultInstance())
        .getContainersList();
  }

  private List<String> containerIds() {
    return containers().stream().map(Container::getId).sorted().toList();
  }

  /** The folders of writable layers. */
  private List<String> layers() throws Exception {
    try (Stream<Path> folders = Files.list(node.config.root().resolve("containers"))) {
      return folders.map(one -> one.getFileName().toString()).sorted().toList();
    }
  }

  private void removeAll() {
    listed().forEach(pod -> remove(pod.getId()));
  }

  private void remove(String pod) {
    node.service.removePodSandbox(
        RemovePodSandboxRequest.newBuilder().setPodSandboxId(pod).build());
  }

  private static void run(String... command) throws Exception {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
  }
}
