package io.crij.runtime.cni;

import io.crij.records.Database;
import io.crij.runtime.RuntimeServiceConfig;
import io.crij.runtime.cni.capability.Capabilities;
import io.crij.runtime.cni.template.NetworkTemplate;
import io.crij.runtime.cni.template.PodRanges;
import io.crij.runtime.cni.template.TemplateException;
import io.crij.runtime.hostport.PodEnd;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * Attaches pods to the node's network and detaches them.
 *
 * <p>The caller sees to it that there is one operation at a time for each pod (CNI spec, section 3,
 * "Lifecycle &amp; Ordering"); different pods do not wait for each other.
 */
public final class PodNetwork implements AutoCloseable {
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

  private static final String INTERFACE = "eth0";

  /**
   * @param plugin how long one run of one plugin may take
   * @param garbage how often plugins are told what is in use
   */
  record Times(Duration plugin, Duration garbage) {
    private static final Times USUAL = new Times(Duration.ofSeconds(60), Duration.ofMinutes(10));
  }

  private final NetworkConfigs configs;
  private final Plugins plugins;
  private final AttachmentStore attachments;
  private final NetworkReadiness readiness;
  private final GarbageCollection garbage;

  /** Shared by those who attach or detach a pod; garbage is collected alone. */
  private final ReentrantReadWriteLock inUse = new ReentrantReadWriteLock();

  private PodNetwork(
      NetworkConfigs configs, Plugins plugins, AttachmentStore attachments, Duration interval) {
    this.configs = configs;
    this.plugins = plugins;
    this.attachments = attachments;
    readiness = new NetworkReadiness(configs, plugins);
    garbage = new GarbageCollection(configs, plugins, attachments, inUse.writeLock(), interval);
  }

  /** Reads the records of attachments. */
  public static PodNetwork open(RuntimeServiceConfig.Network config, Database database) {
    return open(config, database, Times.USUAL);
  }

  static PodNetwork open(RuntimeServiceConfig.Network config, Database database, Times times) {
    return new PodNetwork(
        new NetworkConfigs(config.networkDir(), config.networkName()),
        new Plugins(config.pluginDirs(), times.plugin()),
        AttachmentStore.open(database),
        times.garbage());
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
    inUse.readLock().lock();
    try {
      return add(pod, netns, capabilities);
    } finally {
      inUse.readLock().unlock();
    }
  }

  private List<String> add(PodIdentity pod, Path netns, Capabilities capabilities) {
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
    inUse.readLock().lock();
    try {
      del(attachment, netns);
    } finally {
      inUse.readLock().unlock();
    }
  }

  private void del(Attachment attachment, @Nullable Path netns) {
    if (attachment.result() == null) {
      LeftoverPlugins.kill(
          attachment.sandboxId()); // an ADD may still run, of a program that was killed
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
    attachments.remove(attachment.sandboxId());
  }

  /**
   * Has every plugin check that the pod is still attached as it was (CNI spec, section 2, CHECK).
   *
   * @return what is wrong; empty when nothing is, and where there is nothing to check: the pod is
   *     not attached, the network is of a version before 0.4.0, or sets {@code disableCheck}
   */
  public String check(String sandboxId, Path netns) {
    Attachment attachment = attachments.find(sandboxId);
    if (attachment == null || attachment.result() == null) {
      return "";
    }
    NetworkConfig config = NetworkConfig.parse(attachment.config());
    if (!config.version().hasCheck() || config.disablesCheck()) {
      return "";
    }
    ObjectNode runtimeConfig = AddResult.parse(attachment.runtimeConfig());
    try {
      for (ObjectNode plugin : config.plugins()) {
        ObjectNode request = config.request(plugin, runtimeConfig);
        request.set("prevResult", AddResult.parse(attachment.result()));
        plugins.check(request, attachment, netns);
      }
      return "";
    } catch (CniException e) {
      return String.valueOf(e.getMessage());
    }
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

  /** Whether a plugin of the network takes ports of the node to pods. */
  public boolean mapsPorts() {
    return configs.current().mapsPorts();
  }

  /**
   * Where a pod is on the node's network, when no plugin takes ports of the node to it.
   *
   * @return null when one does, or the pod is not attached
   */
  public @Nullable PodEnd unmappedEnd(String sandboxId) {
    Attachment attachment = attachments.find(sandboxId);
    if (attachment == null) {
      return null;
    }
    String result = attachment.result();
    if (result == null || NetworkConfig.parse(attachment.config()).mapsPorts()) {
      return null;
    }
    try {
      return new PodEnd(
          AddResult.networks(result, attachment.interfaceName()).stream()
              .map(PodEnd.Address::parse)
              .toList(),
          AddResult.nodeInterfaces(result));
    } catch (IllegalArgumentException e) {
      throw new CniException("addresses of " + result + ": " + e.getMessage(), e);
    }
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
    return readiness.notReadyReason();
  }

  /**
   * Makes a network configuration for these ranges of pods' addresses, unless there is one that
   * others have made.
   *
   * @throws CniException when the template makes no configuration, or it cannot be written
   */
  public void generateConfig(NetworkTemplate template, PodRanges ranges) {
    try {
      configs.generate(template, ranges);
    } catch (TemplateException | CniException e) {
      throw new CniException("network configuration of a template: " + e.getMessage(), e);
    }
  }

  /** Begins to free in the background what belongs to no pod. */
  public void startGarbageCollection() {
    garbage.start();
  }

  /** Ends the work in the background. Pods stay attached. */
  @Override
  public void close() {
    garbage.close();
  }
}
