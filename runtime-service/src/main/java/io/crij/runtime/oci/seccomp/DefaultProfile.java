package io.crij.runtime.oci.seccomp;

import io.crij.linux.Errno;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import tools.jackson.databind.node.ObjectNode;

/**
 * The profile of containers that ask for RuntimeDefault: an allow-list of our own, in {@code
 * default-profile.txt}, that depends on the container's capabilities.
 */
final class DefaultProfile {
  private static final String RESOURCE = "default-profile.txt";
  private static final String ALLOW = "allow";
  private static final String DENY = "deny";
  private static final String CAPABILITY = "CAP_";

  /** CLONE_NEW* but CLONE_NEWTIME, which clone(2) cannot take. */
  private static final long NEW_NAMESPACES = 0x7e020000L;

  // personality(2): Linux, Linux on a 32-bit machine, both with the old system's name, and the
  // question what it is.
  private static final List<Long> PERSONALITIES =
      List.of(0L, 0x8L, 0x20000L, 0x20008L, 0xffffffffL);

  private static final long AF_NETLINK = 16;
  private static final long AF_VSOCK = 40;
  private static final long NETLINK_AUDIT = 9;

  /** Nodes have few kinds of containers. */
  private static final int MOST_MADE = 16;

  private final Sections sections;
  private final Architecture architecture;
  private final CallOrder order;

  /** Those of the sets that were asked for: hundreds of names are sorted for one. */
  private final Map<Set<String>, ObjectNode> made = new ConcurrentHashMap<>();

  private DefaultProfile(Sections sections, Architecture architecture, CallOrder order) {
    this.sections = sections;
    this.architecture = architecture;
    this.order = order;
  }

  static DefaultProfile load(Architecture architecture, CallOrder order) {
    return new DefaultProfile(Sections.read(RESOURCE), architecture, order);
  }

  /**
   * The filter.
   *
   * @param capabilities of the container's bounding set
   * @return shared by all that ask for it: not to be changed
   */
  ObjectNode filter(Set<String> capabilities) {
    ObjectNode known = made.get(capabilities);
    if (known != null) {
      return known;
    }
    ObjectNode filter = make(capabilities);
    if (made.size() < MOST_MADE) {
      made.put(Set.copyOf(capabilities), filter);
    }
    return filter;
  }

  private ObjectNode make(Set<String> capabilities) {
    Rules rules = new Rules();
    Set<String> allowed = new TreeSet<>(sections.get(ALLOW));
    allowed.addAll(sections.get(architecture.profileSection()));
    Set<String> denied = new TreeSet<>(sections.get(DENY));
    for (String section : sections.keys()) {
      if (section.startsWith(CAPABILITY)) {
        (capabilities.contains(section) ? allowed : denied).addAll(sections.get(section));
      }
    }
    denied.removeAll(allowed);
    // Without CAP_SYS_ADMIN clone is allowed by its flags, and clone3, whose flags a filter cannot
    // see, must look absent so that the C library falls back to clone.
    if (denied.remove("clone")) {
      denied.remove("clone3");
      // clone(2), "C library/kernel differences": the flags come first on these architectures.
      rules.allowMasked("clone", 0, NEW_NAMESPACES, 0);
    }
    rules.allow(allowed);
    rules.fail(denied, Errno.EPERM);
    for (long personality : PERSONALITIES) {
      rules.allowIf("personality", Rules.equal(0, personality));
    }
    sockets(rules, capabilities.contains("CAP_AUDIT_WRITE"));
    return rules.filter(architecture, order, Errno.ENOSYS);
  }

  // A virtual machine's sockets reach the host past every network policy; the audit log is for
  // those who may write to it. One comparison an argument is all that seccomp rules can hold.
  private static void sockets(Rules rules, boolean audit) {
    if (audit) {
      rules.allowIf("socket", Rules.notEqual(0, AF_VSOCK));
      return;
    }
    rules.allowIf("socket", Rules.less(0, AF_NETLINK));
    rules.allowIf("socket", Rules.less(0, AF_VSOCK), Rules.notEqual(2, NETLINK_AUDIT));
    rules.allowIf("socket", Rules.greater(0, AF_VSOCK), Rules.notEqual(2, NETLINK_AUDIT));
  }
}
