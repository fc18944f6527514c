package io.crij.runtime.sandbox;

import io.crij.linux.namespace.NamespaceType;
import io.crij.linux.namespace.Sysctl;
import io.crij.runtime.ServiceException.InvalidArgument;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Which kernel parameters a pod may set: those of its own namespaces, each as one value. One that
 * belongs to a namespace the pod shares with the node is refused, since it would change the node's.
 */
public final class SandboxSysctls {
  private static final int MAX_LENGTH = 253;
  private static final Pattern KEY =
      Pattern.compile("[a-z0-9]([-_a-z0-9]*[a-z0-9])?([./][a-z0-9]([-_a-z0-9]*[a-z0-9])?)*");
  private static final Pattern IPC_KEY =
      Pattern.compile("kernel/(shm[a-z_]+|msg[a-z_]+|sem|sem_next_id)|fs/mqueue/[a-z_]+");
  private static final Pattern NUMBERS = Pattern.compile("-?[0-9]{1,20}([ \t]+-?[0-9]{1,20})*");
  private static final Pattern WORDS =
      Pattern.compile("[A-Za-z0-9_.:,-]+([ \t]+[A-Za-z0-9_.:,-]+)*");

  /** Router advertisements from the pod network could redirect a pod's traffic (CVE-2020-10749). */
  private static final List<Sysctl> DEFAULTS =
      List.of(
          new Sysctl("net/ipv6/conf/all/accept_ra", "0", true),
          new Sysctl("net/ipv6/conf/default/accept_ra", "0", true));

  private static final Pattern INTERFACE =
      Pattern.compile("net/ipv[46]/(conf|neigh)/(?!(all|default|lo)/)[^/]+/.*");

  private SandboxSysctls() {}

  /** Whether it is one of the IPC namespace, which only the namespace's own root may write. */
  public static boolean isOfIpc(Sysctl sysctl) {
    return IPC_KEY.matcher(sysctl.path()).matches();
  }

  /** Those that are not of the IPC namespace. */
  public static Map<String, String> withoutIpc(Map<String, String> sysctls) {
    Map<String, String> others = new TreeMap<>(sysctls);
    others.keySet().removeIf(key -> namespaceOf(path(key)) == NamespaceType.IPC);
    return others;
  }

  /** Whether it is one of an interface that plugins make. */
  public static boolean isOfInterface(Sysctl sysctl) {
    return INTERFACE.matcher(sysctl.path()).matches();
  }

  /**
   * @param requested LinuxPodSandboxConfig.sysctls
   * @param own the namespaces that the pod has of its own
   * @param configured for pods that have the namespace and do not request another value
   * @return what to write, our own defaults first
   * @throws InvalidArgument naming the sysctl
   */
  public static List<Sysctl> of(
      Map<String, String> requested, Set<NamespaceType> own, Map<String, String> configured) {
    List<Sysctl> sysctls = new ArrayList<>();
    if (own.contains(NamespaceType.NETWORK)) {
      sysctls.addAll(DEFAULTS);
    }
    for (Map.Entry<String, String> entry : new TreeMap<>(configured).entrySet()) {
      if (own.contains(namespaceOf(path(entry.getKey())))) {
        sysctls.add(sysctl(entry.getKey(), entry.getValue(), own));
      }
    }
    for (Map.Entry<String, String> entry : new TreeMap<>(requested).entrySet()) {
      sysctls.add(sysctl(entry.getKey(), entry.getValue(), own));
    }
    return sysctls;
  }

  /**
   * Whether a pod with namespaces of its own could have it.
   *
   * @throws InvalidArgument naming the sysctl
   */
  public static void check(String key, String value) {
    Sysctl _ = sysctl(key, value, EnumSet.allOf(NamespaceType.class));
  }

  private static Sysctl sysctl(String key, String value, Set<NamespaceType> own) {
    if (key.length() > MAX_LENGTH || !KEY.matcher(key).matches()) {
      throw new InvalidArgument("linux.sysctls: a key is not the name of a kernel parameter");
    }
    String path = path(key);
    NamespaceType type = namespaceOf(path);
    if (type == null) {
      throw new InvalidArgument(
          "linux.sysctls: " + key + " does not belong to a namespace of a pod");
    }
    if (!own.contains(type)) {
      throw new InvalidArgument(
          "linux.sysctls: "
              + key
              + " would change the node's: the pod shares its "
              + type.procName()
              + " namespace");
    }
    Pattern values = type == NamespaceType.IPC ? NUMBERS : WORDS;
    if (value.length() > MAX_LENGTH || !values.matcher(value).matches()) {
      throw new InvalidArgument("linux.sysctls: the value of " + key + " is not one of its kind");
    }
    return new Sysctl(path, value, false);
  }

  /** Both notations, told apart by the first separator as sysctl(8) does. */
  private static String path(String key) {
    int dot = key.indexOf('.');
    int slash = key.indexOf('/');
    if (dot < 0 || (slash >= 0 && slash < dot)) {
      return key;
    }
    StringBuilder path = new StringBuilder(key);
    for (int i = 0; i < path.length(); i++) {
      char c = path.charAt(i);
      path.setCharAt(i, c == '.' ? '/' : c == '/' ? '.' : c);
    }
    return path.toString();
  }

  private static @Nullable NamespaceType namespaceOf(String path) {
    if (path.startsWith("net/")) {
      return NamespaceType.NETWORK;
    }
    return IPC_KEY.matcher(path).matches() ? NamespaceType.IPC : null;
  }
}
