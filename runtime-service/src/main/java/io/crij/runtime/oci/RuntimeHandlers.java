package io.crij.runtime.oci;

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
import org.jspecify.annotations.Nullable;

/**
 * The OCI runtimes by handler name. Each is probed in the background when the service starts or the
 * configuration names it; who needs one waits for its first probe.
 */
public final class RuntimeHandlers implements AutoCloseable {
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
      HandlerProbe probe) {

    List<OciRuntime> all() {
      List<OciRuntime> all = new ArrayList<>(ofPlatforms.values());
      all.add(runtime);
      return all;
    }
  }

  /** What is configured at a time. */
  private record Known(String defaultName, Map<String, Configured> handlers) {}

  private final String cgroupBase;
  private final HandlerProbe.Patience patience;
  private volatile Known known = new Known("", Map.of());
  private volatile Runnable applied = () -> {};

  /** Also those that are not configured any more: there may be containers of theirs. */
  private final Map<String, OciRuntime> runtimes = new ConcurrentHashMap<>();

  private RuntimeHandlers(String cgroupBase, HandlerProbe.Patience patience) {
    this.cgroupBase = cgroupBase;
    this.patience = patience;
  }

  /**
   * Starts the probes.
   *
   * @param cgroupBase of this instance, for the probes' cgroups
   */
  public static RuntimeHandlers probe(RuntimeServiceConfig config, String cgroupBase) {
    return probe(config, cgroupBase, HandlerProbe.Patience.USUAL);
  }

  static RuntimeHandlers probe(
      RuntimeServiceConfig config, String cgroupBase, HandlerProbe.Patience patience) {
    RuntimeHandlers handlers = new RuntimeHandlers(cgroupBase, patience);
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
              old != null
                  && old.handler().equals(handler)
                  && (old.probe().state().usable() || old.probe().goesOn());
          now.put(name, same ? old : configured(name, handler, config, old));
        });
    before.values().stream()
        .filter(old -> !now.containsValue(old))
        .forEach(old -> old.probe().stop());
    known = new Known(config.defaultRuntime(), now);
    for (Configured handler : now.values()) {
      handler.all().forEach(runtime -> runtimes.put(runtime.name(), runtime));
    }
    applied.run();
  }

  /** Not after others that apply: one of them may wait for the probe that tells. */
  private void tell() {
    applied.run();
  }

  /**
   * Tells somebody now, and whenever others are configured or one can run at last.
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
    HandlerProbe found =
        new HandlerProbe(
            name,
            runtime,
            limit -> handler.isVm() ? VM : probe.failure(limit),
            config.root(),
            patience,
            this::tell,
            before == null ? null : before.probe());
    return new Configured(handler, runtime, ofPlatforms, found);
  }

  /** All, by name. */
  public List<State> all() {
    List<State> states = new ArrayList<>();
    known.handlers().values().forEach(handler -> states.add(handler.probe().state()));
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
    known.handlers().values().forEach(handler -> handler.probe().end());
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
    return handler.probe().state();
  }
}
