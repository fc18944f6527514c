package io.crij.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.crij.e2e.program.Command;
import io.crij.e2e.program.Setup;
import io.crij.linux.testing.LeavesNoTrace;
import io.crij.linux.testing.PrivateRoot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The Debian package as a folder. */
@ExtendWith(LeavesNoTrace.class)
final class PackageKernelTest {
  private static final String PROGRAMS = "usr/lib/crij/package/";

  private static Path unpack(PrivateRoot home) {
    Path folder = home.resolve("package");
    Command.of("dpkg-deb", "--raw-extract", Setup.debianPackage().toString(), folder.toString())
        .run();
    return folder;
  }

  @Test
  void itHoldsWhatANodeNeeds(PrivateRoot home) throws IOException {
    Path folder = unpack(home);
    assertThat(
            Stream.of(
                "lib/systemd/system/crij.service",
                "lib/systemd/system/conmon-j.service",
                "etc/crij/crij.toml",
                "usr/share/bash-completion/completions/crij",
                "usr/share/man/man1/crij.1.gz",
                "usr/share/man/man8/crijd.8.gz",
                "usr/share/man/man8/conmon-j.8.gz",
                "usr/share/doc/crij/copyright",
                "usr/share/doc/crij/migration.md",
                "usr/share/doc/crij/examples/10-crij.conflist"))
        .allSatisfy(file -> assertThat(folder.resolve(file)).isRegularFile());
    for (String link : List.of("usr/bin/crij", "usr/sbin/crijd", "usr/sbin/conmon-j")) {
      assertThat(folder.resolve(link)).isSymbolicLink();
      Path path = folder.resolve(link);
      // The installation makes usr/lib/crij/bin.
      assertThat(path.resolveSibling(Files.readSymbolicLink(path)).normalize())
          .isEqualTo(folder.resolve("usr/lib/crij/bin").resolve(path.getFileName()));
    }
    assertThat(Files.readAllLines(folder.resolve("DEBIAN/control")))
        .anyMatch(line -> line.matches("Depends: .*libc6 .*runc \\| crun.*"));
    assertThat(Files.readAllLines(folder.resolve("DEBIAN/conffiles")))
        .containsExactly("/etc/crij/crij.toml");
  }

  /** A warning would say that an AOT cache does not fit what it was unpacked with. */
  @Test
  void itsProgramsRunWhereverTheyAre(PrivateRoot home) {
    Path folder = unpack(home);
    Path bin = folder.resolve(PROGRAMS + "bin");
    Command.Outcome version = Command.of(bin.resolve("crijd").toString(), "--version").run();
    assertThat(version.output()).startsWith("crijd ");
    assertThat(version.errors()).isEmpty();
    Command.Outcome help = Command.of(bin.resolve("crij").toString(), "--help").run();
    assertThat(help.output()).contains("node");
    assertThat(help.errors()).isEmpty();
    Command.Outcome check =
        Command.of(
                bin.resolve("crijd").toString(),
                "config",
                "check",
                "--config",
                folder.resolve("etc/crij/crij.toml").toString())
            .run();
    assertThat(check.errors()).isEmpty();
  }

  @Test
  void itsScriptsAreShellScripts(PrivateRoot home) {
    Path folder = unpack(home);
    for (String script : List.of("preinst", "postinst", "prerm", "postrm")) {
      Path path = folder.resolve("DEBIAN").resolve(script);
      assertThat(path).isExecutable();
      Command.of("dash", "-n", path.toString()).run();
    }
  }
}
