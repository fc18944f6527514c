package io.crij.runtime.recovery;

import com.google.protobuf.InvalidProtocolBufferException;
import io.crij.monitor.v1.Exited;
import io.crij.runtime.container.records.Container;
import io.crij.runtime.container.records.ContainerStore;
import io.crij.runtime.container.records.Lifecycle.End;
import io.crij.runtime.names.Ids;
import io.crij.runtime.sandbox.SandboxStore;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Records how containers end: what the monitor tells, live and after a restart alike, and what it
 * wrote to {@code <runroot>/exits/<id>} before.
 */
public final class ContainerExits implements Consumer<Exited> {
  private static final Logger log = LoggerFactory.getLogger(ContainerExits.class);
  private static final int SIZE_LIMIT = 64 << 10;

  private final ContainerStore store;
  private final SandboxStore sandboxes;

  public ContainerExits(ContainerStore store, SandboxStore sandboxes) {
    this.store = store;
    this.sandboxes = sandboxes;
  }

  @Override
  public void accept(Exited exited) {
    log.info(
        "container {}: ended with exit code {}{}",
        exited.getContainerId(),
        exited.getExitCode(),
        exited.getOomKilled() ? ", out of memory" : "");
    End end =
        new End(
            exited.getFinishedAtNanos(),
            exited.getExitCode(),
            exited.getOomKilled(),
            exited.getReason(),
            "");
    ended(exited.getContainerId(), end);
  }

  /** Records an end; without its infra container a pod is not ready any more. */
  void ended(String id, End end) {
    Container container = store.update(id, life -> life.ended(end));
    if (container != null && container.isInfra()) {
      sandboxes.breakReady(container.sandboxId());
    }
  }

  /** What the monitor wrote of a container's end; null if it has not ended, or nobody saw it. */
  @Nullable Exited read(String id) {
    if (!Ids.isId(id)) {
      return null;
    }
    Path file = store.runroot().resolve("exits").resolve(id);
    try (InputStream in = Files.newInputStream(file)) {
      return Exited.parseFrom(in.readNBytes(SIZE_LIMIT));
    } catch (NoSuchFileException _) {
      return null;
    } catch (InvalidProtocolBufferException e) {
      log.error("container {}: {} cannot be read: {}", id, file, e.getMessage());
      return null;
    } catch (IOException e) {
      log.error("container {}: read {}: {}", id, file, e.getMessage());
      return null;
    }
  }
}
