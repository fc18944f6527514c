package io.crij.runtime.cni.template;

import io.crij.runtime.ServiceException.InvalidArgument;
import io.crij.runtime.names.RequestText;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The address ranges of the node's pods, as the kubelet gives them.
 *
 * @param cidrs in its order, e.g. {@code 10.1.2.0/24}
 */
public record PodRanges(List<String> cidrs) {
  private static final String FIELD = "runtime_config.network_config.pod_cidr";
  private static final int MAX_RANGES = 16;

  public PodRanges {
    cidrs = List.copyOf(cidrs);
  }

  /**
   * @param podCidr ranges, separated by commas; empty: none
   * @throws InvalidArgument naming the field
   */
  public static PodRanges parse(String podCidr) {
    List<String> cidrs = new ArrayList<>();
    if (!podCidr.isBlank()) {
      for (String cidr : podCidr.split(",", MAX_RANGES + 1)) {
        cidrs.add(checked(cidr.strip()));
      }
    }
    if (cidrs.size() > MAX_RANGES) {
      throw new InvalidArgument(FIELD + ": more than " + MAX_RANGES + " ranges");
    }
    return new PodRanges(cidrs);
  }

  private static String checked(String cidr) {
    int slash = cidr.indexOf('/');
    String address = slash < 0 ? cidr : cidr.substring(0, slash);
    RequestText.ipAddress(FIELD, address);
    String prefix = slash < 0 ? "" : cidr.substring(slash + 1);
    if (address.contains("%") || !RequestText.isPrefixLength(prefix, address)) {
      throw new InvalidArgument(FIELD + ": \"" + cidr + "\" is not a range of addresses");
    }
    return cidr;
  }

  private static boolean isIpv6(String address) {
    return address.contains(":");
  }

  public boolean isEmpty() {
    return cidrs.isEmpty();
  }

  /** The values of a template, by containerd's names. */
  Map<String, Object> values() {
    List<String> routes = new ArrayList<>();
    if (cidrs.stream().anyMatch(cidr -> !isIpv6(cidr))) {
      routes.add("0.0.0.0/0");
    }
    if (cidrs.stream().anyMatch(PodRanges::isIpv6)) {
      routes.add("::/0");
    }
    return Map.of(".PodCIDR", cidrs.getFirst(), ".PodCIDRRanges", cidrs, ".Routes", routes);
  }
}
