package io.crij.linux.namespace;

/**
 * A kernel parameter of a namespace, written as one value.
 *
 * @param path below {@code /proc/sys}, e.g. {@code net/ipv4/ip_forward}
 * @param optional whether a kernel that lacks it is fine
 */
public record Sysctl(String path, String value, boolean optional) {
  public Sysctl {
    if (path.startsWith("/") || ("/" + path + "/").contains("/../")) {
      throw new IllegalArgumentException("not a path below /proc/sys: " + path);
    }
  }

  String file() {
    return "/proc/sys/" + path;
  }
}
