package io.crij.runtime.sandbox;

import io.crij.linux.mount.MountFlag;
import io.crij.linux.mount.Mounts;
import io.crij.linux.namespace.NamespaceType;
import io.crij.runtime.ServiceException.ResourceExhausted;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.List;

/**
 * The files that the containers of a pod share: resolv.conf, hosts, hostname, and {@code /dev/shm}.
 * The kubelet mounts its own hosts file over ours; other clients get a working one.
 */
public final class SandboxFiles {
  /** Of the files of a pod without a {@code /dev/shm} of its own. */
  private static final long FILES_BYTES = 1L << 20;

  private static final int FILES_MODE = 0755;

  private static final int SHM_MODE = 01777;
  private static final int MAX_NODE_FILE_BYTES = 256 << 10;
  private static final Path NODE_RESOLV_CONF = Path.of("/etc/resolv.conf");
  private static final Path NODE_HOSTS = Path.of("/etc/hosts");
  private static final String LOCAL_HOSTS =
      """
      127.0.0.1\tlocalhost
      ::1\tlocalhost ip6-localhost ip6-loopback
      fe00::0\tip6-localnet
      ff02::1\tip6-allnodes
      ff02::2\tip6-allrouters
      """;

  private SandboxFiles() {}

  /** Makes the empty folder, in which namespaces can be pinned. */
  public static void createFolder(SandboxFolder folder) {
    var mode = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
    try {
      Files.createDirectory(folder.path(), mode);
      Files.createDirectory(folder.namespaces(), mode);
    } catch (IOException e) {
      throw failed("make the folder of a sandbox", folder.path(), e);
    }
  }

  /**
   * Makes all that does not depend on the pod's addresses.
   *
   * @param shmBytes of a {@code /dev/shm} of its own and its files; charged to the pod's memory
   * @param label of SELinux that they have; empty: none
   */
  public static void create(Sandbox sandbox, long shmBytes, String label) {
    SandboxFolder folder = sandbox.folder();
    boolean ownShm = sandbox.namespaces().contains(NamespaceType.IPC);
    mount(folder, ownShm ? shmBytes : FILES_BYTES, label);
    if (ownShm) {
      makeShm(folder.shm());
    }
    String resolvConf = ResolvConf.render(sandbox.config().getDnsConfig());
    write(folder.resolvConf(), resolvConf.isEmpty() ? node(NODE_RESOLV_CONF) : bytes(resolvConf));
    write(folder.hostname(), bytes(sandbox.hostname() + "\n"));
  }

  private static void mount(SandboxFolder folder, long sizeBytes, String label) {
    try {
      Files.createDirectory(folder.files());
    } catch (IOException e) {
      throw failed("make", folder.files(), e);
    }
    Mounts.tmpfs(
        folder.files(),
        sizeBytes,
        FILES_MODE,
        EnumSet.of(MountFlag.NOSUID, MountFlag.NODEV, MountFlag.NOEXEC),
        label);
  }

  private static void makeShm(Path shm) {
    try {
      Files.setAttribute(Files.createDirectory(shm), "unix:mode", SHM_MODE);
    } catch (IOException e) {
      throw failed("make", shm, e);
    }
  }

  /** Writes the hosts file: the node's for its network, else one with the pod's addresses. */
  public static void writeHosts(Sandbox sandbox, List<String> addresses) {
    if (sandbox.usesNodeNetwork()) {
      write(sandbox.folder().hosts(), node(NODE_HOSTS));
      return;
    }
    StringBuilder text = new StringBuilder(LOCAL_HOSTS);
    for (String address : addresses) {
      text.append(address).append('\t').append(sandbox.hostname()).append('\n');
    }
    write(sandbox.folder().hosts(), bytes(text.toString()));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** The node's own file; empty where it has none. */
  private static byte[] node(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      byte[] content = in.readNBytes(MAX_NODE_FILE_BYTES + 1);
      if (content.length > MAX_NODE_FILE_BYTES) {
        throw new ResourceExhausted(file + " has more than " + MAX_NODE_FILE_BYTES + " bytes");
      }
      return content;
    } catch (NoSuchFileException _) {
      return new byte[0];
    } catch (IOException e) {
      throw failed("read", file, e);
    }
  }

  /** Owned by root and readable by every user of the containers. */
  private static void write(Path file, byte[] content) {
    try {
      Files.write(file, content, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
    } catch (IOException e) {
      throw failed("write", file, e);
    }
  }

  /** Frees the pod's {@code /dev/shm} and its files; "already gone" is success. */
  public static void unmount(SandboxFolder folder) {
    boolean mounted = true;
    while (mounted) {
      mounted = Mounts.detach(folder.files());
    }
  }

  /** Removes the folder and its files, when nothing is mounted below any more. */
  public static void removeFolder(SandboxFolder folder) {
    for (Path file :
        List.of(
            folder.resolvConf(),
            folder.hosts(),
            folder.hostname(),
            folder.shm(),
            folder.files(),
            folder.namespaces(),
            folder.path())) {
      try {
        Files.deleteIfExists(file);
      } catch (IOException e) {
        throw failed("remove", file, e);
      }
    }
  }

  private static UncheckedIOException failed(String what, Path path, IOException cause) {
    return new UncheckedIOException(what + " " + path + ": " + cause.getMessage(), cause);
  }
}
