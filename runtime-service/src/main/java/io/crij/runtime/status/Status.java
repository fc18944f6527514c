package io.crij.runtime.status;

import io.crij.cri.v1.RuntimeCondition;
import io.crij.cri.v1.RuntimeFeatures;
import io.crij.cri.v1.RuntimeHandler;
import io.crij.cri.v1.RuntimeHandlerFeatures;
import io.crij.cri.v1.RuntimeStatus;
import io.crij.cri.v1.StatusRequest;
import io.crij.cri.v1.StatusResponse;
import io.crij.image.service.ImageService;
import io.crij.runtime.RuntimeServiceConfig;
import io.crij.runtime.ServiceException;
import io.crij.runtime.container.steps.Parts;
import io.crij.runtime.monitor.Monitor;
import io.crij.runtime.oci.RuntimeHandlers;
import io.crij.runtime.oci.apparmor.AppArmor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Tells whether pods can be run here, and with what. */
public final class Status {
  private static final JsonMapper MAPPER = new JsonMapper();
  private static final String RUNTIME_READY = "RuntimeReady";
  private static final String NETWORK_READY = "NetworkReady";
  private static final String HANDLERS_CURRENT = "CrijRuntimeHandlersCurrent";
  private static final String STORE_WRITABLE = "CrijStoreWritable";
  private static final String CONFINED = "CrijAppArmorProfileLoaded";

  private final RuntimeServiceConfig config;
  private final RuntimeHandlers handlers;
  private final Monitor monitor;
  private final ImageService images;
  private final AppArmor apparmor;
  private final Supplier<String> networkNotReadyReason;

  /**
   * @param networkNotReadyReason empty when the network is ready
   */
  public Status(RuntimeServiceConfig config, Parts parts, Supplier<String> networkNotReadyReason) {
    this.config = config;
    this.handlers = parts.handlers();
    this.monitor = parts.monitor();
    this.images = parts.images();
    this.apparmor = parts.apparmor();
    this.networkNotReadyReason = networkNotReadyReason;
  }

  public StatusResponse run(StatusRequest request) {
    List<RuntimeHandlers.State> all = handlers.all();
    StatusResponse.Builder response =
        StatusResponse.newBuilder()
            .setStatus(RuntimeStatus.newBuilder().addAllConditions(conditions(all)))
            .setFeatures(
                RuntimeFeatures.newBuilder()
                    .setSupplementalGroupsPolicy(true)
                    .setMountOptions(true));
    addHandlers(response, all);
    if (request.getVerbose()) {
      response.putInfo("config", configuration(all));
    }
    return response.build();
  }

  private List<RuntimeCondition> conditions(List<RuntimeHandlers.State> all) {
    List<RuntimeCondition> conditions = new ArrayList<>();
    conditions.add(runtimeReady(all));
    conditions.add(networkReady());
    conditions.add(handlersCurrent(all));
    conditions.add(storeWritable());
    if (apparmor.isEnabled()) {
      conditions.add(confined());
    }
    return conditions;
  }

  private RuntimeCondition runtimeReady(List<RuntimeHandlers.State> all) {
    String reason = monitor.notReadyReason();
    if (!reason.isEmpty()) {
      return condition(RUNTIME_READY, "MonitorNotReady", reason);
    }
    try {
      RuntimeHandlers.State standard = handlers.defaultHandler();
      if (!standard.usable()) {
        return condition(
            RUNTIME_READY, "RuntimeHandlerNotReady", standard.name() + ": " + standard.failure());
      }
    } catch (ServiceException e) {
      return condition(RUNTIME_READY, "RuntimeHandlerNotReady", String.valueOf(e.getMessage()));
    }
    // Pods can be run: a handler that cannot is named all the same.
    String broken =
        all.stream()
            .filter(handler -> !handler.usable())
            .map(handler -> handler.name() + " cannot run here: " + handler.failure())
            .collect(Collectors.joining("; "));
    return RuntimeCondition.newBuilder()
        .setType(RUNTIME_READY)
        .setStatus(true)
        .setReason(broken.isEmpty() ? "" : "RuntimeHandlerNotReady")
        .setMessage(broken)
        .build();
  }

  /** Not one that the kubelet knows: it is for people, as containerd's about deprecations is. */
  private static RuntimeCondition handlersCurrent(List<RuntimeHandlers.State> all) {
    String warnings =
        all.stream()
            .filter(handler -> !handler.warning().isEmpty())
            .map(handler -> handler.name() + ": " + handler.warning())
            .collect(Collectors.joining("; "));
    return condition(HANDLERS_CURRENT, "OldRuntimeVersion", warnings);
  }

  private RuntimeCondition networkReady() {
    return condition(NETWORK_READY, "NetworkPluginNotReady", networkNotReadyReason.get());
  }

  /** For people as well: what runs runs on, and a kubelet that moved it elsewhere would end it. */
  private RuntimeCondition storeWritable() {
    return condition(STORE_WRITABLE, "WriteFailed", images.trouble());
  }

  /** Also for people: containers that ask for no AppArmor profile run without one. */
  private RuntimeCondition confined() {
    return condition(CONFINED, "ProfileNotLoaded", apparmor.trouble());
  }

  /**
   * A condition that holds unless there is something to say against it.
   *
   * @param message empty: it holds
   */
  private static RuntimeCondition condition(String type, String reason, String message) {
    if (message.isEmpty()) {
      return RuntimeCondition.newBuilder().setType(type).setStatus(true).build();
    }
    return RuntimeCondition.newBuilder()
        .setType(type)
        .setStatus(false)
        .setReason(reason)
        .setMessage(message)
        .build();
  }

  /** Those that can run here; the default one also without a name (CRI, RuntimeHandler). */
  private void addHandlers(StatusResponse.Builder response, List<RuntimeHandlers.State> all) {
    try {
      RuntimeHandlers.State standard = handlers.defaultHandler();
      if (standard.usable()) {
        response.addRuntimeHandlers(handler("", standard));
      }
    } catch (ServiceException.FailedPrecondition _) {
      // There is none: the condition says why.
    }
    all.stream()
        .filter(RuntimeHandlers.State::usable)
        .forEach(state -> response.addRuntimeHandlers(handler(state.name(), state)));
  }

  private static RuntimeHandler handler(String name, RuntimeHandlers.State state) {
    return RuntimeHandler.newBuilder()
        .setName(name)
        .setFeatures(
            RuntimeHandlerFeatures.newBuilder()
                .setRecursiveReadOnlyMounts(state.features().recursiveReadOnlyMounts())
                .setUserNamespaces(state.features().userNamespaces()))
        .build();
  }

  private String configuration(List<RuntimeHandlers.State> all) {
    ObjectNode info = MAPPER.createObjectNode();
    info.put("root", config.root().toString());
    info.put("runroot", config.runroot().toString());
    info.put("cgroupManager", config.cgroupManager().name());
    info.put("cgroupParent", config.cgroupParent());
    ObjectNode runtimes = info.putObject("runtimes");
    for (RuntimeHandlers.State state : all) {
      ObjectNode runtime = runtimes.putObject(state.name());
      runtime.put("path", state.runtime().program().toString());
      runtime.put("usable", state.usable());
      runtime.put("failure", state.failure());
      runtime.put("warning", state.warning());
    }
    return info.toString();
  }
}
