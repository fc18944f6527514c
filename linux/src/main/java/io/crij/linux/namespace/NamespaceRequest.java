package io.crij.linux.namespace;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Namespaces to make.
 *
 * @param pins what to make, and the file to pin each at; the file must not exist yet, its folder
 *     must
 * @param hostname of a new UTS namespace; empty leaves it as the program's
 * @param sysctls written inside the new namespaces; the caller has checked that each belongs to one
 *     of them
 */
public record NamespaceRequest(
    Map<NamespaceType, Path> pins, String hostname, List<Sysctl> sysctls) {
  public NamespaceRequest {
    pins = Map.copyOf(pins);
    sysctls = List.copyOf(sysctls);
  }
}
