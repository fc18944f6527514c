package io.crij.runtime.oci.seccomp;

import java.util.List;

/** Architectures that profiles can say something special of. */
enum Architecture {
  X86_64("x86-64", "amd64"),
  AARCH64("aarch64", "arm64"),
  OTHER("other", "");

  private final String profileSection;
  private final String goName;

  Architecture(String profileSection, String goName) {
    this.profileSection = profileSection;
    this.goName = goName;
  }

  static Architecture current() {
    return switch (System.getProperty("os.arch")) {
      case "amd64", "x86_64" -> X86_64;
      case "aarch64" -> AARCH64;
      default -> OTHER;
    };
  }

  /** The section of the default profile with the calls only it has. */
  String profileSection() {
    return profileSection;
  }

  /** As profile files of Docker's form name it. */
  String goName() {
    return goName;
  }

  /**
   * As seccomp(3) names it, followed by those whose programs also run there. None: the filter is
   * for the native one alone.
   *
   * <p>Without x32, which distributions' kernels have not or keep switched off: libseccomp compiles
   * the filter once for each of them, at every create and exec, and a third one doubles the time,
   * 10 ms of a processor. Who makes such a call is killed.
   */
  List<String> seccompNames() {
    return switch (this) {
      case X86_64 -> List.of("SCMP_ARCH_X86_64", "SCMP_ARCH_X86");
      case AARCH64 -> List.of("SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM");
      case OTHER -> List.of();
    };
  }
}
