package io.crij.runtime.oci;

import io.crij.linux.namespace.MappedNamespaces;
import io.crij.runtime.RuntimeServiceConfig;
import io.crij.runtime.ServiceException;
import io.crij.runtime.cgroup.PodCgroups;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The OCI runtimes by handler name. Each is probed once, in the background, when the service
 * starts; who needs one waits for its probe.
 */
public final class RuntimeHandlers implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(RuntimeHandlers.class);

  /** In this order, unless the configuration names one. */
  private static final List<String> PREFERRED = List.of("crun", "runc");

  /**
   * A handler as it was found.
   *
   * @param failure why it cannot run containers here; empty if it can
   * @param warning what is known to be wrong with its version; empty if nothing is
   */
  public record State(
      String name, OciRuntime runtime, HandlerFeatures features, String failure, String warning) {
    public boolean usable() {
      return failure.isEmpty();
    }
  }

  private final String configuredDefault;
  private final Map<String, OciRuntime> runtimes = new TreeMap<>();
  private final Map<String, FutureTask<State>> probes = new TreeMap<>();

  private RuntimeHandlers(String configuredDefault) {
    this.configuredDefault = configuredDefault;
  }

  /**
   * Starts the probes.
   *
   * @param cgroupBase of this instance, for the probes' cgroups
   */
  public static RuntimeHandlers probe(RuntimeServiceConfig config, String cgroupBase) {
    String parent = PodCgroups.parent(config.cgroupManager(), "", cgroupBase);
    RuntimeHandlers handlers = new RuntimeHandlers(config.defaultRuntime());
    config
        .runtimes()
        .forEach((name, handler) -> {
          Path state = config.runroot().resolve("oci").resolve(name);
          OciRuntime runtime = new OciRuntime(handler.runtimePath(), state);
          String id = "probe-" + name;
          // systemd knows a scope by its name alone: each instance has another.
          String cgroup = PodCgroups.container(parent, id + cgroupBase.replace('/', '-'));
          RuntimeProbe probe = new RuntimeProbe(runtime, config.runroot().resolve(id), cgroup);
          handlers.runtimes.put(name, runtime);
          handlers.add(name, () -> found(name, runtime, probe, config.root()));
        });
    return handlers;
  }

  private void add(String name, Callable<State> probe) {
    FutureTask<State> task = new FutureTask<>(probe);
    probes.put(name, task);
    Thread.ofVirtual().name("probe of " + name).start(task);
  }

  private static State found(String name, OciRuntime runtime, RuntimeProbe probe, Path store) {
    String failure = probe.failure();
    HandlerFeatures features = failure.isEmpty() ? runtime.features() : HandlerFeatures.NONE;
    if (features.userNamespaces() && !MappedNamespaces.canShow(store)) {
      features = new HandlerFeatures(features.recursiveReadOnlyMounts(), false);
    }
    String warning = failure.isEmpty() ? KnownFaults.of(runtime.version()) : "";
    if (!warning.isEmpty()) {
      log.warn("runtime handler {}: {}", name, warning);
    }
    return new State(name, runtime, features, failure, warning);
  }

  /** All, by name. */
  public List<State> all() {
    List<State> states = new ArrayList<>();
    probes.values().forEach(probe -> states.add(await(probe)));
    return states;
  }

  /**
   * The runtime of a handler that has made containers, without waiting for its probe.
   *
   * @return null when it is not configured any more
   */
  public @Nullable OciRuntime runtime(String name) {
    return runtimes.get(name);
  }

  /**
   * The handler a pod asks for.
   *
   * @param name empty: the default one
   * @throws ServiceException.InvalidArgument when there is none of this name
   * @throws ServiceException.FailedPrecondition when it cannot run containers here
   */
  public State select(String name) {
    if (!name.isEmpty() && !probes.containsKey(name)) {
      throw new ServiceException.InvalidArgument(
          "runtime_handler: '" + name + "' is not one of " + probes.keySet());
    }
    State state = name.isEmpty() ? defaultHandler() : state(name);
    if (!state.usable()) {
      throw new ServiceException.FailedPrecondition(
          "runtime handler " + state.name() + " cannot run here: " + state.failure());
    }
    return state;
  }

  /**
   * @param name of the handler a pod asks for; empty: the default one
   * @throws ServiceException.FailedPrecondition when it cannot run containers in user namespaces
   */
  public void requireUserNamespaces(String name) {
    State state = select(name);
    if (!state.features().userNamespaces()) {
      throw new ServiceException.FailedPrecondition(
          "namespace_options.userns_options: runtime handler "
              + state.name()
              + " and this kernel cannot do user namespaces with id-mapped mounts");
    }
  }

  /**
   * The configured default, usable or not; else the first of crun and runc that can run here.
   *
   * @throws ServiceException.FailedPrecondition when there is none
   */
  public State defaultHandler() {
    if (!configuredDefault.isEmpty()) {
      return state(configuredDefault);
    }
    List<String> names = new ArrayList<>(PREFERRED);
    names.retainAll(probes.keySet());
    probes.keySet().stream().filter(name -> !names.contains(name)).forEach(names::add);
    StringBuilder failures = new StringBuilder();
    for (String name : names) {
      State state = state(name);
      if (state.usable()) {
        return state;
      }
      failures.append("; ").append(name).append(": ").append(state.failure());
    }
    throw new ServiceException.FailedPrecondition("no OCI runtime can run here" + failures);
  }

  /** Waits for probes under way, which end by themselves: what they make is gone then. */
  @Override
  public void close() {
    probes.values().forEach(RuntimeHandlers::await);
  }

  private State state(String name) {
    FutureTask<State> probe = probes.get(name);
    if (probe == null) {
      throw new ServiceException.NotFound("runtime handler " + name + " is not configured");
    }
    return await(probe);
  }

  private static State await(FutureTask<State> probe) {
    try {
      return probe.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ServiceException.Unavailable("interrupted while a runtime handler was probed", e);
    } catch (ExecutionException e) {
      throw new ServiceException.Internal("probe of a runtime handler failed", e);
    }
  }
}
