package io.crij.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.crij.e2e.program.Command;
import io.crij.e2e.program.Setup;
import io.crij.linux.testing.LeavesNoTrace;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** AppArmor's own parser, which needs no AppArmor in the kernel to compile a profile. */
@ExtendWith(LeavesNoTrace.class)
final class AppArmorProfileKernelTest {
  private static final Path PROFILE =
      Path.of("../runtime-service/src/main/resources/io/crij/runtime/oci/apparmor/crij-default");

  @TempDir Path folder;

  @Test
  void ourProfileIsOneToTheParser() throws Exception {
    assertThat(compile(PROFILE).status()).isZero();
    Path wrong =
        Files.writeString(
            folder.resolve("wrong"),
            Files.readString(PROFILE).replace("capability,", "capability unheard_of,"));
    assertThat(compile(wrong).status()).isNotZero();
  }

  /** As crijd has it compiled, but without giving it to the kernel. */
  private static Command.Outcome compile(Path profile) {
    Path parser = Setup.read().debianFiles().resolve("sbin/apparmor_parser");
    return Command.of(
            "sh",
            "-c",
            "exec \"$0\" --skip-kernel-load --skip-cache < \"$1\"",
            parser.toString(),
            profile.toString())
        .attempt();
  }
}
