package io.crij.linux.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a JVM uses of the machine at one moment.
 *
 * @param terminals descriptors of ptys, which count as descriptors too
 * @param threads without those that the JVM starts and ends as it sees fit
 * @param zombies children that nobody has waited for
 * @param heapBytes of living objects, after a collection
 * @param residentBytes of its own, not of files: VmRSS without shared pages
 */
record ProcessUse(
    int descriptors, int terminals, int threads, int zombies, long heapBytes, long residentBytes) {
  private static final Path PROC = Path.of("/proc");
  private static final Pattern OWN_THREADS_OF_JVM =
      Pattern.compile("(C[12] CompilerThre|Attach Listener|GC Thread|Sweeper).*", Pattern.DOTALL);
  private static final Pattern TOTAL = Pattern.compile("(?m)^Total +\\d+ +(\\d+)");
  private static final Pattern FILLER =
      Pattern.compile("(?m)^ *\\d+: +\\d+ +(\\d+) +\\S*jdk\\.internal\\.vm\\.Filler");
  private static final Pattern RESIDENT = Pattern.compile("(?m)^RssAnon:\\s+(\\d+) kB");
  private static final Duration ANSWERS_WITHIN = Duration.ofSeconds(60);
  private static final long KIB = 1024;

  /** Looks at a process, which runs a collection of its garbage for it. */
  static ProcessUse of(long pid) {
    long heap = heap(pid);
    Path process = PROC.resolve(Long.toString(pid));
    List<String> open =
        Proc.listNumbers(process.resolve("fd")).stream()
            .map(Proc::link)
            .filter(target -> !target.isEmpty())
            .toList();
    return new ProcessUse(
        open.size(),
        (int) open.stream().filter(ProcessUse::isTerminal).count(),
        threads(process),
        zombies(pid),
        heap,
        number(RESIDENT, Proc.read(process.resolve("status"))) * KIB);
  }

  private static boolean isTerminal(String target) {
    return target.endsWith("/ptmx") || target.startsWith("/dev/pts/");
  }

  private static int threads(Path process) {
    int count = 0;
    for (Path thread : Proc.listNumbers(process.resolve("task"))) {
      String name = Proc.read(thread.resolve("comm"));
      if (!name.isEmpty() && !OWN_THREADS_OF_JVM.matcher(name).matches()) {
        count++;
      }
    }
    return count;
  }

  private static int zombies(long pid) {
    int count = 0;
    for (Path folder : Proc.listNumbers(PROC)) {
      String stat = Proc.read(folder.resolve("stat"));
      // PID (NAME) STATE PARENT …, and the name may hold anything.
      if (stat.startsWith(") Z " + pid + " ", Math.max(0, stat.lastIndexOf(')')))) {
        count++;
      }
    }
    return count;
  }

  /** Asked of the JVM itself: counting the living objects collects the others. */
  private static long heap(long pid) {
    String jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
    try {
      // Not to a pipe: should that be full while this JVM is the one that stands still, both wait.
      Path said = Files.createTempFile("histogram", ".txt");
      try {
        Process process =
            new ProcessBuilder(jcmd, Long.toString(pid), "GC.class_histogram")
                .redirectErrorStream(true)
                .redirectOutput(said.toFile())
                .start();
        if (!process.waitFor(ANSWERS_WITHIN.toSeconds(), TimeUnit.SECONDS)) {
          process.destroyForcibly();
          throw new IllegalStateException("process " + pid + " does not answer jcmd");
        }
        return livingBytes(Files.readString(said));
      } finally {
        Files.delete(said);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  private static long livingBytes(String histogram) {
    long bytes = number(TOTAL, histogram);
    // A collection may fill the place of dead objects instead of moving living ones there.
    Matcher fillers = FILLER.matcher(histogram);
    while (fillers.find()) {
      bytes -= Long.parseLong(fillers.group(1));
    }
    return bytes;
  }

  private static long number(Pattern pattern, String text) {
    Matcher matcher = pattern.matcher(text);
    if (!matcher.find()) {
      throw new IllegalStateException("no " + pattern + " in " + text);
    }
    return Long.parseLong(matcher.group(1));
  }

  /**
   * What there is more of than before.
   *
   * @param heapBytes how much more heap is none
   * @param residentBytes how much more of resident memory is none
   */
  List<String> growthSince(ProcessUse before, long heapBytes, long residentBytes) {
    List<String> growth = new ArrayList<>();
    compare("descriptors", before.descriptors, descriptors, 0, growth);
    compare("terminals", before.terminals, terminals, 0, growth);
    compare("threads", before.threads, threads, 0, growth);
    compare("zombies", before.zombies, zombies, 0, growth);
    compare("bytes of heap", before.heapBytes, this.heapBytes, heapBytes, growth);
    compare("bytes resident", before.residentBytes, this.residentBytes, residentBytes, growth);
    return growth;
  }

  private static void compare(
      String what, long before, long now, long allowed, List<String> growth) {
    if (now > before + allowed) {
      growth.add(now + " " + what + ", " + before + " before");
    }
  }
}
