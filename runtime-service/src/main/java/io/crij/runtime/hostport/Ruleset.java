package io.crij.runtime.hostport;

import io.crij.cri.v1.PortMapping;
import io.crij.cri.v1.Protocol;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * The rules of one pod in the language of nft(8): a table of its own, which is made and removed as
 * a whole.
 */
final class Ruleset {
  private static final String LOOPBACK = "127.0.0.0/8";

  /** What is sent to this address never leaves the node: a process listens there. */
  private static final String NOT_FOR_THE_KERNEL = "ip6 daddr ::1 return";

  private final String table;
  private final PodEnd pod;

  Ruleset(String table, PodEnd pod) {
    this.table = table;
    this.pod = pod;
  }

  /** Replaces the table, in one transaction. */
  String replace(List<PortMapping> mappings) {
    StringBuilder text = new StringBuilder(remove(table));
    text.append("table inet ").append(table).append(" {\n");
    List<String> rules = new ArrayList<>(List.of(NOT_FOR_THE_KERNEL));
    mappings.forEach(mapping -> rules.addAll(rules(mapping)));
    chain(text, "mappings", "", rules);
    List<String> jump = List.of("fib daddr type local jump mappings");
    chain(text, "arriving", "type nat hook prerouting priority -100;", jump);
    chain(text, "local", "type nat hook output priority -100;", jump);
    chain(text, "leaving", "type nat hook postrouting priority 100;", masquerading());
    chain(text, "guard", "type filter hook prerouting priority -300;", guards());
    return text.append("}\n").toString();
  }

  /** Removes the table; "already gone" is success. */
  static String remove(String table) {
    return "add table inet " + table + "\ndelete table inet " + table + "\n";
  }

  private static void chain(StringBuilder text, String name, String hook, List<String> rules) {
    text.append("  chain ").append(name).append(" {\n");
    if (!hook.isEmpty()) {
      text.append("    ").append(hook).append('\n');
    }
    rules.forEach(rule -> text.append("    ").append(rule).append('\n'));
    text.append("  }\n");
  }

  private List<String> rules(PortMapping mapping) {
    List<String> rules = new ArrayList<>();
    for (PodEnd.Address address : pod.addresses()) {
      String family = address.isIpv6() ? "ip6" : "ip";
      String from = from(mapping.getHostIp(), address.isIpv6());
      if (!from.isEmpty()) {
        rules.add(
            "%s %s dport %d dnat %s to %s:%d"
                .formatted(
                    from,
                    protocol(mapping.getProtocol()),
                    mapping.getHostPort(),
                    family,
                    address.isIpv6() ? "[" + address.text() + "]" : address.text(),
                    mapping.getContainerPort()));
      }
    }
    return rules;
  }

  /** Which packets are meant; empty: none of this family. */
  private static String from(String hostIp, boolean ipv6) {
    String family = ipv6 ? "ip6" : "ip";
    if (hostIp.isEmpty()) {
      return "meta nfproto " + (ipv6 ? "ipv6" : "ipv4");
    }
    InetAddress host = InetAddress.ofLiteral(hostIp);
    if (host instanceof Inet6Address != ipv6) {
      return "";
    }
    return host.isAnyLocalAddress()
        ? "meta nfproto " + (ipv6 ? "ipv6" : "ipv4")
        : family + " daddr " + host.getHostAddress();
  }

  private static String protocol(Protocol protocol) {
    return protocol.name().toLowerCase(Locale.ROOT);
  }

  /**
   * Answers must come back through the node: to itself, whose loopback address the pod cannot
   * reach, and to the pod's neighbours, whom it would answer directly.
   */
  private List<String> masquerading() {
    List<String> rules = new ArrayList<>();
    for (PodEnd.Address address : pod.addresses()) {
      String family = address.isIpv6() ? "ip6" : "ip";
      String network = address.text() + "/" + address.prefixBits();
      String sources = address.isIpv6() ? network : LOOPBACK + ", " + network;
      rules.add(
          "ct status dnat %1$s saddr { %2$s } %1$s daddr %3$s masquerade"
              .formatted(family, sources, address.text()));
    }
    return rules;
  }

  /**
   * The node's own loopback addresses may leave by these interfaces, so that its own connections
   * reach the pod; pods must not reach them by the same way (CVE-2020-8558).
   */
  private List<String> guards() {
    return pod.interfaces().isEmpty()
        ? List.of()
        : List.of(
            pod.interfaces().stream()
                .map(name -> '"' + name + '"')
                .collect(
                    Collectors.joining(", ", "iifname { ", " } ip daddr " + LOOPBACK + " drop")));
  }
}
