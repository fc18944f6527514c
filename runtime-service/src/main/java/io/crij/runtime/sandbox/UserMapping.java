package io.crij.runtime.sandbox;

import io.crij.cri.v1.IDMapping;
import io.crij.cri.v1.NamespaceMode;
import io.crij.cri.v1.NamespaceOption;
import io.crij.cri.v1.UserNamespace;
import io.crij.linux.namespace.IdMapping;
import io.crij.runtime.ServiceException.InvalidArgument;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The ids of a pod's user namespace (CRI, UserNamespace). */
public record UserMapping(IdMapping uids, IdMapping gids) {
  private static final String FIELD = "namespace_options.userns_options";
  private static final long IDS = 1L << 32;

  /** Null when the pod has none of its own; {@link #check} was passed. */
  static @Nullable UserMapping of(NamespaceOption options) {
    UserNamespace user = options.getUsernsOptions();
    if (!options.hasUsernsOptions() || user.getMode() != NamespaceMode.POD) {
      return null;
    }
    return new UserMapping(mapping(user.getUidsList()), mapping(user.getGidsList()));
  }

  private static IdMapping mapping(List<IDMapping> mappings) {
    IDMapping mapping = mappings.getFirst();
    return new IdMapping(
        Integer.toUnsignedLong(mapping.getHostId()), Integer.toUnsignedLong(mapping.getLength()));
  }

  /**
   * Checks what a request says.
   *
   * @throws InvalidArgument naming the field
   */
  public static void check(NamespaceOption options) {
    if (!options.hasUsernsOptions()) {
      return;
    }
    UserNamespace user = options.getUsernsOptions();
    switch (user.getMode()) {
      case NODE -> {
        if (user.getUidsCount() + user.getGidsCount() > 0) {
          throw new InvalidArgument(FIELD + ": mappings without a user namespace, mode NODE");
        }
      }
      case POD -> {
        check("uids", user.getUidsList());
        check("gids", user.getGidsList());
        if (options.getNetwork() == NamespaceMode.NODE
            || options.getIpc() == NamespaceMode.NODE
            || options.getPid() == NamespaceMode.NODE) {
          throw new InvalidArgument(
              FIELD + ": a user namespace needs a network, IPC and PID namespace of its own");
        }
      }
      case CONTAINER, TARGET, UNRECOGNIZED ->
          throw new InvalidArgument(
              FIELD + ".mode: unsupported user namespace mode " + user.getMode());
    }
  }

  private static void check(String field, List<IDMapping> mappings) {
    if (mappings.size() != 1) {
      throw new InvalidArgument(
          FIELD + "." + field + ": only one mapping is supported, not " + mappings.size());
    }
    IDMapping mapping = mappings.getFirst();
    long first = Integer.toUnsignedLong(mapping.getHostId());
    long length = Integer.toUnsignedLong(mapping.getLength());
    if (mapping.getContainerId() != 0) {
      throw new InvalidArgument(
          FIELD + "." + field + ": the mapping must begin with container_id 0");
    }
    if (length == 0 || first == 0 || first + length >= IDS) {
      throw new InvalidArgument(
          FIELD
              + "."
              + field
              + ": not a range of the node's unprivileged ids: "
              + first
              + " and "
              + length);
    }
  }
}
