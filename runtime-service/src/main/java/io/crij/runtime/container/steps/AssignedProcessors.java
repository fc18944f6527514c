package io.crij.runtime.container.steps;

import com.google.protobuf.ByteString;
import io.crij.cri.v1.ContainerConfig;
import io.crij.cri.v1.KeyValue;
import io.crij.cri.v1.LinuxContainerResources;
import io.crij.runtime.ServiceException;
import io.crij.runtime.container.records.Container;
import io.crij.runtime.json.BadFileException;
import io.crij.runtime.json.Fields;
import io.crij.runtime.settings.ContainerSettings;
import io.crij.runtime.settings.PodAnnotation;
import io.crij.runtime.settings.Workload;
import io.crij.runtime.settings.WorkloadResources;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Processors and their time, as the configuration assigns them to pods of a workload, and to pods
 * that ask for shared ones.
 */
public final class AssignedProcessors {
  private static final String ISOLATED = "OPENSHIFT_ISOLATED_CPUS";
  private static final String SHARED = "OPENSHIFT_SHARED_CPUS";

  private AssignedProcessors() {}

  /**
   * The request as it is to be kept.
   *
   * @param annotations of the pod
   * @throws ServiceException.InvalidArgument naming an annotation that is wrong
   */
  public static ContainerConfig apply(
      ContainerConfig request,
      Map<String, String> annotations,
      String handler,
      ContainerSettings settings) {
    ContainerConfig.Builder config = request.toBuilder();
    String container = request.getMetadata().getName();
    Workload workload = settings.workload(annotations);
    if (workload != null) {
      set(config, resources(workload, annotations, container));
    }
    String shared = settings.cpus().shared();
    if (!shared.isEmpty() && mayShare(container, annotations, handler, settings)) {
      share(config, shared);
    }
    return config.build();
  }

  /**
   * An update of a container, with the processors that it shares. They stand in its environment,
   * where a pod can write such a variable too: only one that may share is believed.
   *
   * @param annotations of the pod
   */
  public static LinuxContainerResources withShared(
      Container container,
      Map<String, String> annotations,
      ContainerSettings settings,
      LinuxContainerResources update) {
    ContainerConfig config = container.config();
    String shared = variable(config, SHARED);
    if (shared.isEmpty()
        || update.getCpusetCpus().isEmpty()
        || !mayShare(config.getMetadata().getName(), annotations, container.handler(), settings)) {
      return update;
    }
    return update.toBuilder().setCpusetCpus(update.getCpusetCpus() + "," + shared).build();
  }

  /**
   * Where what is executed in a container begins: the first of the processors that it shares, else
   * of its own; empty when it has none of its own.
   */
  static String firstToExecute(ContainerConfig config) {
    String all = config.getLinux().getResources().getCpusetCpus();
    String shared = variable(config, SHARED);
    boolean shares = !shared.isEmpty() && all.endsWith("," + shared);
    return (shares ? shared : all).split("[-,]", 2)[0];
  }

  private static boolean mayShare(
      String container,
      Map<String, String> annotations,
      String handler,
      ContainerSettings settings) {
    return settings
        .askedFor(container, PodAnnotation.CPU_SHARED, annotations, handler)
        .equals("enable");
  }

  /** The last of that name, which counts: ours comes after the request's. */
  private static String variable(ContainerConfig config, String name) {
    String value = "";
    for (KeyValue variable : config.getEnvsList()) {
      value = variable.getKey().equals(name) ? variable.getValue().toStringUtf8() : value;
    }
    return value;
  }

  private static WorkloadResources resources(
      Workload workload, Map<String, String> annotations, String container) {
    String name = workload.annotationPrefix() + "/" + container;
    @Nullable String text = annotations.get(name);
    if (workload.annotationPrefix().isEmpty() || text == null) {
      return workload.resources();
    }
    try {
      Fields fields = Fields.parse("annotations: " + name, text);
      WorkloadResources own =
          new WorkloadResources(
              number(fields, "cpushares"),
              number(fields, "cpuquota"),
              number(fields, "cpuperiod"),
              fields.string("cpuset", ""),
              number(fields, "cpulimit"));
      fields.end();
      return own.over(workload.resources());
    } catch (BadFileException e) {
      throw new ServiceException.InvalidArgument(String.valueOf(e.getMessage()), e);
    }
  }

  private static long number(Fields fields, String name) throws BadFileException {
    @Nullable Long number = fields.number(name, 0);
    return number == null ? 0 : number;
  }

  private static void set(ContainerConfig.Builder config, WorkloadResources resources) {
    LinuxContainerResources.Builder all = config.getLinuxBuilder().getResourcesBuilder();
    if (resources.shares() != 0) {
      all.setCpuShares(resources.shares());
    }
    if (resources.quota() != 0) {
      all.setCpuQuota(resources.quota());
    }
    if (resources.periodMicros() != 0) {
      all.setCpuPeriod(resources.periodMicros());
    }
    if (!resources.cpus().isEmpty()) {
      all.setCpusetCpus(resources.cpus());
    }
  }

  /** As CRI-O does, whose name for the variables is that of its first user. */
  private static void share(ContainerConfig.Builder config, String shared) {
    LinuxContainerResources.Builder all = config.getLinuxBuilder().getResourcesBuilder();
    String own = all.getCpusetCpus();
    if (own.isEmpty()) {
      throw new ServiceException.InvalidArgument(
          "annotations: "
              + PodAnnotation.CPU_SHARED.names().getFirst()
              + ": the container has no processors of its own");
    }
    all.setCpusetCpus(own + "," + shared);
    config.addEnvs(variable(ISOLATED, own)).addEnvs(variable(SHARED, shared));
  }

  private static KeyValue variable(String name, String value) {
    return KeyValue.newBuilder().setKey(name).setValue(ByteString.copyFromUtf8(value)).build();
  }
}
