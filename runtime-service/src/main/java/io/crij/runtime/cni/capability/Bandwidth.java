package io.crij.runtime.cni.capability;

import io.crij.runtime.ServiceException.InvalidArgument;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
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

  private static final Pattern QUANTITY =
      Pattern.compile(
          "\\+?([0-9]{1,20}(?:\\.[0-9]{0,20})?)(?:([eE][+-]?[0-9]{1,2})|([kMGTP])(i?)|Ki)?");
  private static final List<String> SUFFIXES = List.of("k", "M", "G", "T", "P");

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
    Matcher quantity = QUANTITY.matcher(text);
    if (quantity.matches() && !"ki".equals(quantity.group(3) + quantity.group(4))) {
      BigDecimal value = value(quantity, text);
      if (value.compareTo(LEAST) >= 0 && value.compareTo(MOST) <= 0) {
        return value.longValue();
      }
    }
    throw new InvalidArgument(
        "annotations: " + name + ": '" + text + "' is not a quantity from 1k to 1P");
  }

  /** As resource.Quantity of Kubernetes: decimal and binary suffixes, or an exponent. */
  private static BigDecimal value(Matcher quantity, String text) {
    String exponent = quantity.group(2);
    if (exponent != null) {
      return new BigDecimal(quantity.group(1) + exponent);
    }
    BigDecimal number = new BigDecimal(quantity.group(1));
    if (text.endsWith("Ki")) {
      return number.multiply(BigDecimal.valueOf(1024));
    }
    String suffix = quantity.group(3);
    if (suffix == null) {
      return number;
    }
    int unit = quantity.group(4).isEmpty() ? 1000 : 1024;
    return number.multiply(BigDecimal.valueOf(unit).pow(SUFFIXES.indexOf(suffix) + 1));
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
