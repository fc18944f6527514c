package io.crij.runtime.sandbox;

import io.crij.cri.v1.PodSandboxConfig;
import io.crij.linux.namespace.NamespaceType;
import io.crij.runtime.ServiceException.InvalidArgument;
import io.crij.runtime.names.Quantity;
import java.math.BigDecimal;
import java.util.Set;

/**
 * How large a pod's {@code /dev/shm} is: what an annotation of CRI-O says, or the node's default.
 */
public final class ShmSize {
  private static final String ANNOTATION = "io.kubernetes.cri-o.ShmSize";

  /** Of the same file system are resolv.conf and the like. */
  private static final BigDecimal LEAST = BigDecimal.valueOf(1L << 20);

  private static final BigDecimal MOST = BigDecimal.valueOf(Long.MAX_VALUE);

  private ShmSize() {}

  /**
   * @param own the namespaces that the pod has of its own
   * @throws InvalidArgument naming the annotation
   */
  public static void check(PodSandboxConfig config, Set<NamespaceType> own) {
    long _ = bytes(config, 0);
    if (config.containsAnnotations(ANNOTATION) && !own.contains(NamespaceType.IPC)) {
      throw new InvalidArgument("annotations: " + ANNOTATION + ": the pod has the node's /dev/shm");
    }
  }

  /**
   * @param config checked
   * @param fallback for pods that do not say it
   */
  public static long bytes(PodSandboxConfig config, long fallback) {
    String text = config.getAnnotationsOrDefault(ANNOTATION, "");
    if (text.isEmpty()) {
      return fallback;
    }
    BigDecimal size = Quantity.parse(text);
    if (size == null || size.compareTo(LEAST) < 0 || size.compareTo(MOST) > 0) {
      throw new InvalidArgument(
          "annotations: " + ANNOTATION + ": '" + text + "' is not a quantity of at least 1Mi");
    }
    return size.longValue();
  }
}
