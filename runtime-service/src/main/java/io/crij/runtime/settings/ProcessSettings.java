package io.crij.runtime.settings;

import io.crij.runtime.oci.node.ResourceLimit;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What processes of containers get.
 *
 * @param env variables that neither image nor request names
 * @param limits those that are not to be the node's
 * @param capabilities of containers whose request neither adds nor drops, as in {@code CAP_CHOWN}
 * @param inheritableCapabilities whether they are in the inheritable set too
 * @param pidsLimit how many a container may have; 0: any number
 * @param minGomaxprocs the least {@code GOMAXPROCS} that is set; 0: none is set
 * @param selinux what SELinux is used for
 * @param apparmorProfile what RuntimeDefault means to AppArmor; "unconfined": no profile
 * @param seccomp where a handler has no profile of its own
 */
public record ProcessSettings(
    Map<String, String> env,
    List<ResourceLimit> limits,
    Set<String> capabilities,
    boolean inheritableCapabilities,
    long pidsLimit,
    long minGomaxprocs,
    SelinuxSettings selinux,
    String apparmorProfile,
    SeccompSettings seccomp) {
  /** CRI-O's. */
  public static final Set<String> USUAL_CAPABILITIES =
      Set.of(
          "CAP_CHOWN",
          "CAP_DAC_OVERRIDE",
          "CAP_FSETID",
          "CAP_FOWNER",
          "CAP_SETGID",
          "CAP_SETUID",
          "CAP_SETPCAP",
          "CAP_NET_BIND_SERVICE",
          "CAP_KILL");

  /** The profile of AppArmor that is ours to load. */
  public static final String OWN_APPARMOR_PROFILE = "crij-default";

  /** When nothing is configured. */
  public static final ProcessSettings USUAL =
      new ProcessSettings(
          Map.of(),
          List.of(),
          USUAL_CAPABILITIES,
          false,
          0,
          0,
          SelinuxSettings.OFF,
          OWN_APPARMOR_PROFILE,
          SeccompSettings.USUAL);

  public ProcessSettings {
    env = Collections.unmodifiableMap(new LinkedHashMap<>(env));
    limits = List.copyOf(limits);
    capabilities = Set.copyOf(capabilities);
  }

  ProcessSettings ofInfra() {
    return new ProcessSettings(
        Map.of(), limits, capabilities, false, pidsLimit, 0, selinux, apparmorProfile, seccomp);
  }
}
