package io.crij.server.metrics;

import io.crij.linux.cgroup.OpenFiles;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.BaseUnits;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.IntSupplier;

/** What crijd and its monitor use of the node. */
public final class ProcessMeters implements MeterBinder {
  private static final long KIB = 1 << 10;

  private final IntSupplier monitor;

  /**
   * @param monitor its pid at the moment
   */
  public ProcessMeters(IntSupplier monitor) {
    this.monitor = monitor;
  }

  @Override
  public void bindTo(MeterRegistry registry) {
    bind(registry, "crijd", () -> (int) ProcessHandle.current().pid());
    bind(registry, "monitor", monitor);
    Runtime jvm = Runtime.getRuntime();
    add(
        registry,
        Gauge.builder("crij.jvm.heap.used", () -> jvm.totalMemory() - jvm.freeMemory())
            .description("Heap that is in use, garbage included")
            .baseUnit(BaseUnits.BYTES));
    add(
        registry,
        Gauge.builder("crij.jvm.heap.committed", jvm::totalMemory)
            .description("Heap that the JVM has of the node")
            .baseUnit(BaseUnits.BYTES));
  }

  private static void bind(MeterRegistry registry, String process, IntSupplier pid) {
    add(
        registry,
        Gauge.builder("crij.process.resident", () -> status(pid.getAsInt(), "VmRSS:") * KIB)
            .description("Memory of the process that is in the node's memory")
            .baseUnit(BaseUnits.BYTES)
            .tag("process", process));
    add(
        registry,
        Gauge.builder("crij.process.threads", () -> status(pid.getAsInt(), "Threads:"))
            .description("Threads of the process")
            .tag("process", process));
    add(
        registry,
        Gauge.builder(
                "crij.process.open.files",
                () -> OpenFiles.of(List.of(pid.getAsInt())).descriptors())
            .description("Open descriptors of the process")
            .tag("process", process));
    FunctionCounter.builder("crij.process.cpu", pid, ProcessMeters::cpuSeconds)
        .description("Time of processors that the process has used")
        .baseUnit("seconds")
        .tag("process", process)
        .register(registry);
  }

  private static void add(MeterRegistry registry, Gauge.Builder<?> gauge) {
    gauge.strongReference(true).register(registry);
  }

  private static double cpuSeconds(IntSupplier pid) {
    Duration used =
        ProcessHandle.of(pid.getAsInt())
            .flatMap(process -> process.info().totalCpuDuration())
            .orElse(Duration.ZERO);
    return used.toMillis() / 1e3;
  }

  /** A number of {@code /proc/PID/status} (proc_pid_status(5)); 0 when there is no such process. */
  private static long status(int pid, String name) {
    Path file = Path.of("/proc", Integer.toString(pid), "status");
    try {
      for (String line : Files.readAllLines(file, StandardCharsets.ISO_8859_1)) {
        if (line.startsWith(name)) {
          return Long.parseLong(line.substring(name.length()).replace("kB", "").strip());
        }
      }
    } catch (IOException _) {
      // It has ended.
    }
    return 0;
  }
}
