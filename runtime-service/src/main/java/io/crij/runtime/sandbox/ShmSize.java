package io.crij.runtime.sandbox;

import io.crij.cri.v1.PodSandboxConfig;
import io.crij.linux.namespace.NamespaceType;
import io.crij.runtime.ServiceException.InvalidArgument;
import io.crij.runtime.names.Quantity;
import io.crij.runtime.settings.ContainerSettings;
import io.crij.runtime.settings.PodAnnotation;
import java.math.BigDecimal;
import java.util.Set;

/**
 * How large a pod's {@code /dev/shm} is: what an annotation of CRI-O says, or the node's default.
 */
public final class ShmSize {
  /** Of the same file system are resolv.conf and the like. */
  private static final BigDecimal LEAST = BigDecimal.valueOf(1L << 20);

  private static final BigDecimal MOST = BigDecimal.valueOf(Long.MAX_VALUE);

  private ShmSize() {}

  /**
   * What a pod says of it.
   *
   * @return empty when it says nothing, or may not
   */
  public static String asked(PodSandboxConfig config, String handler, ContainerSettings settings) {
    return settings.asked(PodAnnotation.SHM_SIZE, config.getAnnotationsMap(), handler);
  }

  /**
   * @param asked what the pod says
   * @param own the namespaces that the pod has of its own
   * @throws InvalidArgument naming the annotation
   */
  public static void check(String asked, Set<NamespaceType> own) {
    long _ = bytes(asked, 0);
    if (!asked.isEmpty() && !own.contains(NamespaceType.IPC)) {
      throw invalid("the pod has the node's /dev/shm");
    }
  }

  /**
   * @param text what the pod says, checked
   * @param fallback for pods that do not say it
   */
  public static long bytes(String text, long fallback) {
    if (text.isEmpty()) {
      return fallback;
    }
    BigDecimal size = Quantity.parse(text);
    if (size == null || size.compareTo(LEAST) < 0 || size.compareTo(MOST) > 0) {
      throw invalid("'" + text + "' is not a quantity of at least 1Mi");
    }
    return size.longValue();
  }

  private static InvalidArgument invalid(String reason) {
    return new InvalidArgument(
        "annotations: " + String.join(", ", PodAnnotation.SHM_SIZE.names()) + ": " + reason);
  }
}
