package io.crij.linux.testing;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Links of the host and its firewall rules. */
final class Network {
  private static final Path LINKS = Path.of("/sys/class/net");

  private Network() {}

  static List<Trace> links(Scope scope) {
    List<Trace> found = new ArrayList<>();
    for (Path link : Proc.list(LINKS)) {
      String bridge = Proc.name(Path.of(Proc.link(link.resolve("master"))));
      if (scope.alone() || isOurs(Proc.name(link), scope) || isOurs(bridge, scope)) {
        found.add(new Trace(Trace.Kind.LINK, Proc.name(link)));
      }
    }
    return found;
  }

  static List<Trace> firewallRules(Scope scope) {
    List<Trace> found = new ArrayList<>();
    for (String program : List.of("iptables-save", "ip6tables-save")) {
      for (String line : Proc.output(program).split("\n")) {
        boolean rule = line.startsWith("-A ") || line.startsWith(":CNI-");
        if (rule && (scope.alone() || line.contains(scope.home().networkName()))) {
          // Without the counters behind a chain's name.
          found.add(new Trace(Trace.Kind.FIREWALL_RULE, line.replaceAll(" \\[\\d+:\\d+]", "")));
        }
      }
    }
    return found;
  }

  private static boolean isOurs(String link, Scope scope) {
    return link.startsWith(scope.home().networkName());
  }
}
