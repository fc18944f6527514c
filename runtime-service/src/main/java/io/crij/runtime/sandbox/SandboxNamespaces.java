package io.crij.runtime.sandbox;

import io.crij.cri.v1.NamespaceMode;
import io.crij.cri.v1.NamespaceOption;
import io.crij.linux.namespace.MappedNamespaces;
import io.crij.linux.namespace.NamespaceRequest;
import io.crij.linux.namespace.NamespaceType;
import io.crij.linux.namespace.Namespaces;
import io.crij.linux.namespace.Sysctl;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The namespaces that the containers of a pod share. */
public final class SandboxNamespaces {
  private SandboxNamespaces() {}

  /**
   * Which namespaces a pod has of its own.
   *
   * <p>CRI has no word for the UTS namespace. It follows the network, because the node's name
   * belongs to the node's network; a pod of the node's network that asks for another name gets its
   * own.
   *
   * @param otherName whether the pod's host name is not the node's
   */
  public static Set<NamespaceType> own(NamespaceOption options, boolean otherName) {
    Set<NamespaceType> own = EnumSet.noneOf(NamespaceType.class);
    if (options.getNetwork() != NamespaceMode.NODE) {
      own.add(NamespaceType.NETWORK);
    }
    if (options.getIpc() != NamespaceMode.NODE) {
      own.add(NamespaceType.IPC);
    }
    if (options.getNetwork() != NamespaceMode.NODE || otherName) {
      own.add(NamespaceType.UTS);
    }
    return own;
  }

  /** Makes and pins the sandbox's own namespaces; its folder is there. */
  public static void create(Sandbox sandbox, List<Sysctl> sysctls) {
    if (sandbox.namespaces().isEmpty()) {
      return;
    }
    Map<NamespaceType, Path> pins = new EnumMap<>(NamespaceType.class);
    for (NamespaceType type : sandbox.namespaces()) {
      pins.put(type, sandbox.folder().namespace(type));
    }
    UserMapping user = sandbox.userMapping();
    boolean named = sandbox.namespaces().contains(NamespaceType.UTS);
    NamespaceRequest request = new NamespaceRequest(pins, named ? sandbox.hostname() : "", sysctls);
    if (user == null) {
      Namespaces.create(request);
    } else {
      MappedNamespaces.create(
          new MappedNamespaces.Request(
              user.uids(), user.gids(), sandbox.folder().userNamespace(), request));
    }
  }

  /** Removes every pin of the sandbox, whatever it has become; "already gone" is success. */
  public static void unpin(SandboxFolder folder) {
    for (NamespaceType type : NamespaceType.values()) {
      Namespaces.unpin(folder.namespace(type));
    }
    Namespaces.unpin(folder.userNamespace());
  }

  /** Whether all namespaces of the sandbox are still there. */
  public static boolean arePinned(Sandbox sandbox) {
    return sandbox.namespaces().stream()
            .allMatch(type -> Namespaces.isPinned(type, sandbox.folder().namespace(type)))
        && (sandbox.userMapping() == null
            || Namespaces.isUserPinned(sandbox.folder().userNamespace()));
  }

  /** Whether anything is left where the sandbox's namespaces are pinned. */
  public static boolean anyLeft(SandboxFolder folder) {
    for (NamespaceType type : NamespaceType.values()) {
      if (Files.exists(folder.namespace(type), LinkOption.NOFOLLOW_LINKS)) {
        return true;
      }
    }
    return Files.exists(folder.userNamespace(), LinkOption.NOFOLLOW_LINKS);
  }

  /**
   * Where the pod's own network namespace is pinned; null when it is gone or the node's is used.
   */
  public static @Nullable Path network(SandboxFolder folder) {
    Path pin = folder.namespace(NamespaceType.NETWORK);
    return Namespaces.isPinned(NamespaceType.NETWORK, pin) ? pin : null;
  }
}
