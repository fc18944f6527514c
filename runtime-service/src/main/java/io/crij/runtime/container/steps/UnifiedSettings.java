package io.crij.runtime.container.steps;

import io.crij.cri.v1.ContainerConfig;
import io.crij.cri.v1.LinuxContainerResources;
import io.crij.runtime.ServiceException;
import io.crij.runtime.settings.ContainerSettings;
import io.crij.runtime.settings.PodAnnotation;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;

/** Settings of cgroup v2 that a pod asks for by an annotation, as CRI-O reads it. */
public final class UnifiedSettings {
  private static final int BASE64_GROUP = 4;

  private UnifiedSettings() {}

  /**
   * The request with them, above those that it has.
   *
   * @param annotations of the pod
   * @throws ServiceException.InvalidArgument when the annotation is no list of settings
   */
  public static ContainerConfig apply(
      ContainerConfig request,
      Map<String, String> annotations,
      String handler,
      ContainerSettings settings) {
    String asked =
        settings.askedFor(
            request.getMetadata().getName(), PodAnnotation.UNIFIED_CGROUP, annotations, handler);
    if (asked.isEmpty()) {
      return request;
    }
    ContainerConfig.Builder config = request.toBuilder();
    LinuxContainerResources.Builder resources = config.getLinuxBuilder().getResourcesBuilder();
    for (String setting : asked.split(";", -1)) {
      int equals = setting.indexOf('=');
      if (equals < 1) {
        throw new ServiceException.InvalidArgument(
            "annotations: "
                + PodAnnotation.UNIFIED_CGROUP.names().getFirst()
                + ": '"
                + setting
                + "' is not name=value");
      }
      resources.putUnified(setting.substring(0, equals), value(setting.substring(equals + 1)));
    }
    return config.build();
  }

  /** In Base64 with its padding, or as it is. */
  private static String value(String text) {
    if (text.length() % BASE64_GROUP != 0) {
      return text;
    }
    try {
      return new String(Base64.getDecoder().decode(text), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException _) {
      return text;
    }
  }
}
