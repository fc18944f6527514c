package io.crij.runtime.selinux;

import io.crij.cri.v1.LinuxContainerSecurityContext;
import io.crij.cri.v1.NamespaceMode;
import io.crij.cri.v1.NamespaceOption;
import io.crij.cri.v1.SELinuxOption;
import io.crij.runtime.ServiceException;
import io.crij.runtime.oci.node.SelinuxPolicy;
import io.crij.runtime.settings.SelinuxSettings;
import java.security.SecureRandom;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** A node's SELinux: which labels its policy has for containers, and who gets which. */
public final class Selinux {
  /** The type of containers that nothing confines, for which nothing is relabelled. */
  private static final String UNCONFINED_TYPE = "spc_t";

  private static final RandomGenerator RANDOM = new SecureRandom();

  private final Label process;
  private final String fileType;

  private Selinux(SelinuxPolicy policy) {
    process = Label.parse(policy.process());
    fileType = Label.parse(policy.file()).type();
  }

  /**
   * That of a node by its policy; null when it has none, or does not use it.
   *
   * @throws ServiceException.InvalidArgument when what the policy says is no label
   */
  public static @Nullable Selinux of(@Nullable SelinuxPolicy policy, SelinuxSettings settings) {
    return policy == null || !settings.enabled() ? null : new Selinux(policy);
  }

  /**
   * The label of a pod's processes: what it asks for, and for the rest the policy's, with two
   * categories that no other pod has.
   *
   * @param levels of all other pods
   * @throws ServiceException.InvalidArgument naming the part that cannot be one
   * @throws ServiceException.ResourceExhausted when all categories are taken
   */
  public SELinuxOption ofPod(SELinuxOption asked, SelinuxSettings settings, Set<String> levels) {
    Label own =
        asked.getLevel().isEmpty() && !process.level().isEmpty()
            ? process.withLevel(Categories.free(process.level(), settings, levels, RANDOM))
            : process;
    return own.with(asked).option();
  }

  /**
   * The label of a container's processes: what it asks for, and for the rest its pod's.
   *
   * @param pod whole, or empty for a pod that was made without labels
   */
  public static SELinuxOption ofContainer(SELinuxOption pod, SELinuxOption asked) {
    return isWhole(pod) ? Label.of(pod).with(asked).option() : asked;
  }

  private static boolean isWhole(SELinuxOption option) {
    return !option.getUser().isEmpty()
        && !option.getRole().isEmpty()
        && !option.getType().isEmpty();
  }

  /** The label of a container's processes; empty: that of the OCI runtime is kept. */
  public static String ofProcesses(
      LinuxContainerSecurityContext security, SelinuxSettings settings) {
    boolean confined =
        !security.getPrivileged()
            && (settings.labelsHostNetwork()
                || security.getNamespaceOptions().getNetwork() != NamespaceMode.NODE);
    return confined && isLabelled(security)
        ? Label.of(security.getSelinuxOptions()).toString()
        : "";
  }

  /** The label of a container's files; empty: what is there is not changed. */
  public String ofFiles(LinuxContainerSecurityContext security) {
    return isLabelled(security) ? filesOf(security.getSelinuxOptions()) : "";
  }

  /** The label of files that the containers of a pod share; empty: none. */
  public String ofFiles(NamespaceOption namespaces, SELinuxOption pod) {
    return separated(namespaces) && isWhole(pod) ? filesOf(pod) : "";
  }

  private String filesOf(SELinuxOption option) {
    return Label.of(option).ofFiles(fileType).toString();
  }

  private static boolean isLabelled(LinuxContainerSecurityContext security) {
    return separated(security.getNamespaceOptions()) && isWhole(security.getSelinuxOptions());
  }

  /** Who sees the node's processes, or shares memory with them, is not kept from them. */
  private static boolean separated(NamespaceOption namespaces) {
    return namespaces.getPid() != NamespaceMode.NODE && namespaces.getIpc() != NamespaceMode.NODE;
  }

  /**
   * What is done to mounts of which the request says so.
   *
   * @param sparing whether one whose topmost file has the label already is left alone
   */
  public Relabelling relabelling(LinuxContainerSecurityContext security, boolean sparing) {
    String label = ofFiles(security);
    return label.isEmpty() || security.getSelinuxOptions().getType().equals(UNCONFINED_TYPE)
        ? Relabelling.NONE
        : new Relabelling(label, sparing);
  }
}
