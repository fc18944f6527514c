package io.crij.e2e.vm;

import io.crij.e2e.program.Command;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A virtual machine that runs a payload and ends. It is emulated: no processor of the host is asked
 * to help, so it does the same on every host, ten to twenty times slower.
 *
 * <p>Its clock goes by the instructions that it has executed, and by the host's only while it has
 * nothing to do. A host that is busy makes the test longer, but for what runs in the machine time
 * passes as on a node: no limit of systemd, of the product or of a check is over earlier.
 *
 * @param image the folder of {@code build/vm-image.sh}
 * @param folder for its disk of the payload and what it says
 */
record Machine(Path image, Path folder) {
  private static final String MEMORY_MIB = "4096";

  /** Four nanoseconds for an instruction: 250 million of them take a second of its clock. */
  private static final String CLOCK = "shift=2";

  // The kernel hangs where it measures the timer of a processor whose clock counts instructions: it
  // does without, and without what it does against faults of real processors, which takes long.
  private static final String KERNEL_ARGUMENTS =
      "no_timer_check nolapic_timer tsc=reliable clocksource=tsc mitigations=off nowatchdog"
          + " root=/dev/vda rw console=ttyS0 panic=-1 quiet systemd.show_status=0";

  /** What the machine wrote to its console. */
  Path console() {
    return folder.resolve("console.log");
  }

  /** What it said of each check. */
  Path results() {
    return folder.resolve("results");
  }

  /** A tar of files that it left. */
  Path files() {
    return folder.resolve("files.tar");
  }

  /**
   * Runs it to its end.
   *
   * @param payload a folder with the program {@code main.sh}, which the machine sees as {@code
   *     /payload}
   * @throws AssertionError when it has not ended after the limit
   */
  void run(Path payload, Duration limit) throws IOException, InterruptedException {
    Path disk = folder.resolve("payload.ext4");
    Command.of("mkfs.ext4", "-q", "-d", payload.toString(), disk.toString(), "2G").run();
    Process process =
        new ProcessBuilder(command(disk))
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("qemu.log").toFile())
            .start();
    try {
      if (!process.waitFor(limit.toSeconds(), TimeUnit.SECONDS)) {
        throw new AssertionError("still runs after " + limit + ": see " + console());
      }
    } finally {
      process.destroyForcibly().waitFor();
      Files.delete(disk);
    }
  }

  private List<String> command(Path payload) {
    return List.of(
        "nice",
        "-n",
        "10",
        "qemu-system-x86_64",
        "-machine",
        "q35",
        "-accel",
        "tcg,thread=single",
        "-icount",
        CLOCK,
        "-rtc",
        "clock=vm",
        "-cpu",
        "max,la57=off",
        "-smp",
        "1",
        "-m",
        MEMORY_MIB,
        "-nodefaults",
        "-display",
        "none",
        "-no-reboot",
        "-kernel",
        image.resolve("vmlinuz").toString(),
        "-initrd",
        image.resolve("initrd.img").toString(),
        "-append",
        KERNEL_ARGUMENTS,
        "-serial",
        "file:" + console(),
        "-drive",
        "if=virtio,format=raw,snapshot=on,file=" + image.resolve("root.ext4"),
        "-drive",
        "if=virtio,format=raw,readonly=on,file=" + payload,
        "-device",
        "virtio-serial",
        "-chardev",
        "file,id=results,path=" + results(),
        "-device",
        "virtserialport,chardev=results,name=results",
        "-chardev",
        "file,id=files,path=" + files(),
        "-device",
        "virtserialport,chardev=files,name=files");
  }
}
