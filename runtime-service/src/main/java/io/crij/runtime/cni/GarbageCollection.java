package io.crij.runtime.cni;

import java.time.Duration;
import java.util.concurrent.locks.Lock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Lets plugins free what belongs to none of the known attachments (CNI spec, section 2, GC), at the
 * start and then periodically.
 *
 * <p>"The runtime must ensure that no add or delete operations are in progress before executing gc"
 * (section 3): it takes place when none is, and those that come meanwhile wait for its end.
 */
final class GarbageCollection implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(GarbageCollection.class);
  private static final Duration BUSY_PAUSE = Duration.ofMillis(200);

  private final NetworkConfigs configs;
  private final Plugins plugins;
  private final AttachmentStore attachments;
  private final Lock alone;
  private final Duration interval;
  private final Thread thread;

  /**
   * @param alone free when no pod is being attached or detached
   */
  GarbageCollection(
      NetworkConfigs configs,
      Plugins plugins,
      AttachmentStore attachments,
      Lock alone,
      Duration interval) {
    this.configs = configs;
    this.plugins = plugins;
    this.attachments = attachments;
    this.alone = alone;
    this.interval = interval;
    thread = Thread.ofVirtual().name("network garbage").unstarted(this::run);
  }

  void start() {
    thread.start();
  }

  private void run() {
    try {
      while (true) {
        // Never waited for in the lock's queue, where those would wait who came later.
        while (!alone.tryLock()) {
          Thread.sleep(BUSY_PAUSE);
        }
        try {
          collect();
        } catch (RuntimeException e) {
          log.warn("network garbage: {}", e.getMessage(), e);
        } finally {
          alone.unlock();
        }
        Thread.sleep(interval);
      }
    } catch (InterruptedException _) {
      // Closed.
    }
  }

  private void collect() {
    NetworkConfig config;
    try {
      config = configs.current();
    } catch (CniException _) {
      return; // Status says so
    }
    if (!config.version().hasGcAndStatus() || config.disablesGc()) {
      return;
    }
    for (ObjectNode plugin : config.plugins()) {
      ObjectNode request = config.request(plugin, NetworkConfig.JSON.createObjectNode());
      request.set("cni.dev/valid-attachments", valid());
      try {
        plugins.forNetwork("GC", request);
      } catch (CniException e) {
        log.warn("{}", e.getMessage());
      }
    }
  }

  private ArrayNode valid() {
    ArrayNode valid = NetworkConfig.JSON.createArrayNode();
    for (Attachment attachment : attachments.all()) {
      valid
          .addObject()
          .put("containerID", attachment.sandboxId())
          .put("ifname", attachment.interfaceName());
    }
    return valid;
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
