package io.crij.runtime.cni.capability;

import io.crij.runtime.ServiceException.InvalidArgument;
import io.crij.runtime.names.Quantity;
import java.math.BigDecimal;
import java.util.Map;
import tools.jackson.databind.node.ObjectNode;

/**
 * How fast a pod may receive and send, as its annotations say (Kubernetes, "Support traffic
 * shaping").
 *
 * @param ingressBits a second, to the pod; 0: no limit
 * @param egressBits a second, from the pod; 0: no limit
 */
record Bandwidth(long ingressBits, long egressBits) {
  private static final String INGRESS = "kubernetes.io/ingress-bandwidth";
  private static final String EGRESS = "kubernetes.io/egress-bandwidth";

  /** What Kubernetes allows: 1k to 1P. */
  private static final BigDecimal LEAST = BigDecimal.valueOf(1_000);

  private static final BigDecimal MOST = BigDecimal.valueOf(1_000_000_000_000_000L);

  /** In bytes at once, as with containerd: the rate alone is to count. */
  private static final long BURST = Integer.MAX_VALUE;

  /**
   * @throws InvalidArgument naming the annotation
   */
  static Bandwidth of(Map<String, String> annotations) {
    return new Bandwidth(bits(annotations, INGRESS), bits(annotations, EGRESS));
  }

  private static long bits(Map<String, String> annotations, String name) {
    String text = annotations.getOrDefault(name, "");
    if (text.isEmpty()) {
      return 0;
    }
    BigDecimal value = Quantity.parse(text);
    if (value != null && value.compareTo(LEAST) >= 0 && value.compareTo(MOST) <= 0) {
      return value.longValue();
    }
    throw new InvalidArgument(
        "annotations: " + name + ": '" + text + "' is not a quantity from 1k to 1P");
  }

  /** Adds the capability, where there is a limit (CNI conventions, "bandwidth"). */
  void addTo(ObjectNode capabilities) {
    if (ingressBits == 0 && egressBits == 0) {
      return;
    }
    ObjectNode json = capabilities.putObject("bandwidth");
    if (ingressBits > 0) {
      json.put("ingressRate", ingressBits).put("ingressBurst", BURST);
    }
    if (egressBits > 0) {
      json.put("egressRate", egressBits).put("egressBurst", BURST);
    }
  }
}
