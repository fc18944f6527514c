package io.crij.runtime.cni;

import io.crij.records.Database;
import io.crij.runtime.RuntimeServiceConfig;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Attaches pods to the node's network and detaches them.
 *
 * <p>The caller sees to it that there is one operation at a time for each pod (CNI spec, section 3,
 * "Lifecycle &amp; Ordering"); different pods do not wait for each other.
 */
public final class PodNetwork {
  /** The tables, one statement each, for {@link io.crij.records.Schema}. */
  public static final List<String> MIGRATIONS =
      List.of(
          """
          CREATE TABLE network_results (
            sandbox_id TEXT PRIMARY KEY,
            interface_name TEXT NOT NULL,
            config TEXT NOT NULL,
            args TEXT NOT NULL,
            runtime_config TEXT NOT NULL,
            result TEXT
          ) WITHOUT ROWID
          """);

  private static final Logger log = LoggerFactory.getLogger(PodNetwork.class);
  private static final String INTERFACE = "eth0";
  private static final Duration PLUGIN_LIMIT = Duration.ofSeconds(60);

  private final NetworkConfigs configs;
  private final Plugins plugins;
  private final AttachmentStore attachments;

  private PodNetwork(NetworkConfigs configs, Plugins plugins, AttachmentStore attachments) {
    this.configs = configs;
    this.plugins = plugins;
    this.attachments = attachments;
  }

  /** Reads the records of attachments. */
  public static PodNetwork open(RuntimeServiceConfig.Network config, Database database) {
    return open(config, database, PLUGIN_LIMIT);
  }

  static PodNetwork open(
      RuntimeServiceConfig.Network config, Database database, Duration pluginLimit) {
    return new PodNetwork(
        new NetworkConfigs(config.networkDir()),
        new Plugins(config.pluginDirs(), pluginLimit),
        AttachmentStore.open(database));
  }

  /**
   * Runs ADD of every plugin of the network. After a failure, as before a repetition, {@link
   * #detach} must be called.
   *
   * @param netns where the pod's network namespace is pinned
   * @return the pod's addresses, the first one first
   * @throws CniException when there is no network, or a plugin failed
   */
  public List<String> attach(PodIdentity pod, Path netns, Capabilities capabilities) {
    NetworkConfig config = configs.current();
    ObjectNode runtimeConfig = capabilities.json();
    Attachment attachment =
        new Attachment(
            pod.sandboxId(),
            INTERFACE,
            config.json().toString(),
            pod.cniArgs(),
            runtimeConfig.toString(),
            null);
    attachments.put(attachment);
    ObjectNode previous = null;
    for (ObjectNode plugin : config.plugins()) {
      ObjectNode request = config.request(plugin, runtimeConfig);
      if (previous != null) {
        request.set("prevResult", previous);
      }
      previous = plugins.add(request, attachment, netns);
    }
    Attachment attached = attachment.withResult(String.valueOf(previous));
    attachments.put(attached);
    return attached.addresses();
  }

  /**
   * Runs DEL of every plugin the pod was attached with, in reverse, with the configuration and the
   * result of then. A plugin that fails does not keep the others from being run.
   *
   * @param netns null when the pod's network namespace is gone
   * @throws CniException when a plugin failed; to be repeated until it succeeds
   */
  public void detach(String sandboxId, @Nullable Path netns) {
    Attachment attachment = attachments.find(sandboxId);
    if (attachment == null) {
      return;
    }
    if (attachment.result() == null) {
      LeftoverPlugins.kill(sandboxId); // an ADD may still run, of a program that was killed
    }
    NetworkConfig config = NetworkConfig.parse(attachment.config());
    ObjectNode runtimeConfig = AddResult.parse(attachment.runtimeConfig());
    String result = attachment.result();
    List<String> failures = new ArrayList<>();
    for (ObjectNode plugin : config.plugins().reversed()) {
      ObjectNode request = config.request(plugin, runtimeConfig);
      if (result != null && config.version().hasCheck()) {
        request.set("prevResult", AddResult.parse(result));
      }
      try {
        plugins.del(request, attachment, netns);
      } catch (CniException e) {
        failures.add(e.getMessage());
      }
    }
    if (!failures.isEmpty()) {
      throw new CniException(String.join("; ", failures));
    }
    attachments.remove(sandboxId);
  }

  /** The pod's addresses, the first one first; empty when it is not attached. */
  public List<String> addresses(String sandboxId) {
    Attachment attachment = attachments.find(sandboxId);
    return attachment == null ? List.of() : attachment.addresses();
  }

  /** What ADD returned, as JSON; empty when the pod is not attached. */
  public String result(String sandboxId) {
    Attachment attachment = attachments.find(sandboxId);
    String result = attachment == null ? null : attachment.result();
    return result == null ? "" : result;
  }

  /** Whether something may have to be undone for this pod. */
  public boolean isAttached(String sandboxId) {
    return attachments.find(sandboxId) != null;
  }

  /** The pods for which something may have to be undone. */
  public Set<String> attachedSandboxes() {
    return attachments.sandboxIds();
  }

  /**
   * Whether pods can be attached now.
   *
   * @return empty when they can; otherwise the reason
   */
  public String notReadyReason() {
    try {
      NetworkConfig config = configs.current();
      if (config.version().hasGcAndStatus()) {
        for (ObjectNode plugin : config.plugins()) {
          plugins.forNetwork(
              "STATUS", config.request(plugin, NetworkConfig.JSON.createObjectNode()));
        }
      }
      return "";
    } catch (CniException e) {
      return String.valueOf(e.getMessage());
    }
  }

  /**
   * Lets the plugins free what belongs to none of the known attachments (GC, since spec 1.1). A
   * failure is logged: plugins clean up as far as they can, and are asked again at the next start.
   */
  public void collectGarbage() {
    NetworkConfig config;
    try {
      config = configs.current();
    } catch (CniException _) {
      return; // Status says so
    }
    if (!config.version().hasGcAndStatus() || config.disableGc()) {
      return;
    }
    ArrayNode valid = NetworkConfig.JSON.createArrayNode();
    for (Attachment attachment : attachments.all()) {
      valid
          .addObject()
          .put("containerID", attachment.sandboxId())
          .put("ifname", attachment.interfaceName());
    }
    for (ObjectNode plugin : config.plugins()) {
      ObjectNode request = config.request(plugin, NetworkConfig.JSON.createObjectNode());
      request.set("cni.dev/valid-attachments", valid);
      try {
        plugins.forNetwork("GC", request);
      } catch (CniException e) {
        log.warn("{}", e.getMessage());
      }
    }
  }
}
