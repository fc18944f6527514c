package io.crij.runtime.oci;

import io.crij.linux.namespace.MappedNamespaces;
import io.crij.runtime.RuntimeServiceConfig;
import io.crij.runtime.RuntimeServiceConfig.Handler;
import io.crij.runtime.ServiceException;
import io.crij.runtime.cgroup.PodCgroups;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The OCI runtimes by handler name. Each is probed once, in the background, when the service starts
 * or the configuration names it; who needs one waits for its probe.
 */
public final class RuntimeHandlers implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(RuntimeHandlers.class);

  /** In this order, unless the configuration names one. */
  private static final List<String> PREFERRED = List.of("crun", "runc");

  private static final String VM =
      "runtime_type is vm: such a runtime speaks containerd's shim protocol, which crijd does not";

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

    private State with(OciRuntime other) {
      return new State(name, other, features, failure, warning);
    }
  }

  /** A handler that is configured. */
  private record Configured(
      Handler handler,
      OciRuntime runtime,
      Map<String, OciRuntime> ofPlatforms,
      FutureTask<State> probe) {

    List<OciRuntime> all() {
      List<OciRuntime> all = new ArrayList<>(ofPlatforms.values());
      all.add(runtime);
      return all;
    }
  }

  /** What is configured at a time. */
  private record Known(String defaultName, Map<String, Configured> handlers) {}

  private final String cgroupBase;
  private volatile Known known = new Known("", Map.of());
  private Runnable applied = () -> {};

  /** Also those that are not configured any more: there may be containers of theirs. */
  private final Map<String, OciRuntime> runtimes = new ConcurrentHashMap<>();

  private RuntimeHandlers(String cgroupBase) {
    this.cgroupBase = cgroupBase;
  }

  /**
   * Starts the probes.
   *
   * @param cgroupBase of this instance, for the probes' cgroups
   */
  public static RuntimeHandlers probe(RuntimeServiceConfig config, String cgroupBase) {
    RuntimeHandlers handlers = new RuntimeHandlers(cgroupBase);
    handlers.apply(config);
    return handlers;
  }

  /** Takes up what is configured now: what is new, has changed, or could not run, is probed. */
  public synchronized void apply(RuntimeServiceConfig config) {
    Map<String, Configured> before = known.handlers();
    Map<String, Configured> now = new TreeMap<>();
    config
        .runtimes()
        .forEach((name, handler) -> {
          Configured old = before.get(name);
          boolean same =
              old != null && old.handler().equals(handler) && await(old.probe()).usable();
          now.put(name, same ? old : configured(name, handler, config, old));
        });
    known = new Known(config.defaultRuntime(), now);
    for (Configured handler : now.values()) {
      handler.all().forEach(runtime -> runtimes.put(runtime.name(), runtime));
    }
    applied.run();
  }

  /**
   * Tells somebody now, and whenever others are configured.
   *
   * @param told must return at once
   */
  public synchronized void whenApplied(Runnable told) {
    applied = told;
    told.run();
  }

  /**
   * Starts its probe.
   *
   * @param before the handler that had the name; null: none
   */
  private Configured configured(
      String name, Handler handler, RuntimeServiceConfig config, @Nullable Configured before) {
    Path records = handler.root(config.runroot(), name);
    OciRuntime runtime = new OciRuntime(name, handler, records);
    Map<String, OciRuntime> ofPlatforms = new TreeMap<>();
    handler
        .platformPaths()
        .forEach((platform, program) ->
            ofPlatforms.put(
                platform,
                new OciRuntime(name + "@" + platform, handler.withProgram(program), records)));
    String id = "probe-" + name;
    // systemd knows a scope by its name alone: each instance has another.
    String cgroup =
        PodCgroups.container(
            PodCgroups.parent(config.cgroupManager(), "", cgroupBase),
            id + cgroupBase.replace('/', '-'));
    RuntimeProbe probe = new RuntimeProbe(runtime, config.runroot().resolve(id), cgroup);
    FutureTask<State> task =
        new FutureTask<>(() -> {
          if (before != null) {
            // Its probe has the same folder and cgroup.
            State _ = await(before.probe());
          }
          String failure = handler.isVm() ? VM : probe.failure();
          return found(name, runtime, failure, config.root());
        });
    Thread.ofVirtual().name("probe of " + name).start(task);
    return new Configured(handler, runtime, ofPlatforms, task);
  }

  private static State found(String name, OciRuntime runtime, String failure, Path store) {
    String version = failure.isEmpty() ? runtime.version() : "";
    HandlerFeatures features = failure.isEmpty() ? runtime.features(version) : HandlerFeatures.NONE;
    if (features.userNamespaces() && !MappedNamespaces.canShow(store)) {
      features = new HandlerFeatures(features.recursiveReadOnlyMounts(), false);
    }
    String warning = KnownFaults.of(version);
    if (!warning.isEmpty()) {
      log.warn("runtime handler {}: {}", name, warning);
    }
    if (!failure.isEmpty()) {
      log.warn("runtime handler {} cannot run here: {}", name, failure);
    }
    return new State(name, runtime, features, failure, warning);
  }

  /** All, by name. */
  public List<State> all() {
    List<State> states = new ArrayList<>();
    known.handlers().values().forEach(handler -> states.add(await(handler.probe())));
    return states;
  }

  /**
   * An OCI runtime that has made containers, without waiting for its handler's probe.
   *
   * @param name as {@link OciRuntime#name} said
   * @return null when it was not configured since the service's start
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
    Known now = known;
    if (!name.isEmpty() && !now.handlers().containsKey(name)) {
      throw new ServiceException.InvalidArgument(
          "runtime_handler: '" + name + "' is not one of " + now.handlers().keySet());
    }
    State state = name.isEmpty() ? defaultHandler(now) : state(now, name);
    if (!state.usable()) {
      throw new ServiceException.FailedPrecondition(
          "runtime handler " + state.name() + " cannot run here: " + state.failure());
    }
    return state;
  }

  /**
   * The name of the handler that a pod has.
   *
   * @param asked what it asks for; empty: the default one
   * @throws ServiceException.FailedPrecondition when it asks for none, and there is none
   */
  public String name(String asked) {
    return asked.isEmpty() ? defaultHandler().name() : asked;
  }

  /**
   * The handler a pod asks for, with the program that it has for images of a platform: those of
   * other platforms are not probed, as there is nothing of theirs that could be run.
   *
   * @param platform {@code os/architecture}
   * @throws ServiceException.InvalidArgument when there is none of this name
   * @throws ServiceException.FailedPrecondition when it cannot run containers here, or its program
   *     for the platform is none
   */
  public State select(String name, String platform) {
    State state = select(name);
    Configured configured = known.handlers().get(state.name());
    OciRuntime own = configured == null ? null : configured.ofPlatforms().get(platform);
    if (own == null) {
      return state;
    }
    if (!Files.isExecutable(own.program())) {
      throw new ServiceException.FailedPrecondition(
          "runtime handler "
              + state.name()
              + ": platform_runtime_paths: "
              + platform
              + ": "
              + own.program()
              + " is not an executable file");
    }
    return state.with(own);
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
    return defaultHandler(known);
  }

  private static State defaultHandler(Known known) {
    if (!known.defaultName().isEmpty()) {
      return state(known, known.defaultName());
    }
    Set<String> names = new LinkedHashSet<>(PREFERRED);
    names.retainAll(known.handlers().keySet());
    names.addAll(known.handlers().keySet());
    StringBuilder failures = new StringBuilder();
    for (String name : names) {
      State state = state(known, name);
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
    known.handlers().values().forEach(handler -> await(handler.probe()));
  }

  /** Takes away what the runtimes have for containers to come: there are none, and no more come. */
  public void end() {
    runtimes.values().forEach(OciRuntime::end);
  }

  private static State state(Known known, String name) {
    Configured handler = known.handlers().get(name);
    if (handler == null) {
      throw new ServiceException.NotFound("runtime handler " + name + " is not configured");
    }
    return await(handler.probe());
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
