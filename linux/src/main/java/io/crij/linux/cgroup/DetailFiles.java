package io.crij.linux.cgroup;

import io.crij.linux.cgroup.GroupDetails.DeviceUse;
import io.crij.linux.cgroup.GroupDetails.HugePages;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How the files of controllers are read that {@link GroupDetails} is made of. */
final class DetailFiles {
  private static final Path HUGE_PAGES = Path.of("/sys/kernel/mm/hugepages");
  private static final String HUGE_PAGES_PREFIX = "hugepages-";
  private static final long KIB = 1 << 10;
  private static final Pattern FIGURE = Pattern.compile("([a-z.]+)=([0-9]{1,18})");

  private DetailFiles() {}

  /** The number in a file; 0 if it is not there, or says that there is no limit. */
  static long number(Path file) {
    String text = Controllers.read(file);
    return text == null || text.equals("max") ? 0 : Long.parseLong(text);
  }

  static KeyedFile keyed(Path file) {
    String text = Controllers.read(file);
    return KeyedFile.parse(text == null ? "" : text);
  }

  /**
   * Of {@code io.stat}: {@code 8:0 rbytes=1 wbytes=2 rios=3 wios=4 …}. Before it the kernel may
   * tell devices without figures on the same line; what is no number is of no interest here.
   */
  static List<DeviceUse> devices(Path file) {
    List<DeviceUse> devices = new ArrayList<>();
    for (String[] words : words(file)) {
      String device = words[0];
      Map<String, Long> figures = new HashMap<>();
      for (String word : words) {
        Matcher figure = FIGURE.matcher(word);
        if (figure.matches()) {
          figures.put(figure.group(1), Long.parseLong(figure.group(2)));
        } else if (word.indexOf('=') < 0) {
          device = word;
        }
      }
      if (!figures.isEmpty()) { // a device that the group has left has none
        devices.add(
            new DeviceUse(
                device,
                figures.getOrDefault("rbytes", 0L),
                figures.getOrDefault("wbytes", 0L),
                figures.getOrDefault("rios", 0L),
                figures.getOrDefault("wios", 0L)));
      }
    }
    return devices;
  }

  /** Of version 1: lines {@code 8:0 Read 4096} of two files. */
  static List<DeviceUse> devices(Path bytes, Path operations) {
    Map<String, Long> sizes = byOperation(bytes);
    Map<String, Long> counts = byOperation(operations);
    return sizes.keySet().stream()
        .filter(key -> key.endsWith(" Read"))
        .map(key -> key.substring(0, key.indexOf(' ')))
        .sorted()
        .map(number ->
            new DeviceUse(
                number,
                sizes.getOrDefault(number + " Read", 0L),
                sizes.getOrDefault(number + " Write", 0L),
                counts.getOrDefault(number + " Read", 0L),
                counts.getOrDefault(number + " Write", 0L)))
        .toList();
  }

  private static Map<String, Long> byOperation(Path file) {
    Map<String, Long> figures = new HashMap<>();
    for (String[] words : words(file)) {
      if (words.length == 3) {
        figures.put(words[0] + " " + words[1], Long.parseLong(words[2]));
      }
    }
    return figures;
  }

  private static List<String[]> words(Path file) {
    String text = Controllers.read(file);
    return text == null || text.isEmpty()
        ? List.of()
        : text.lines().map(line -> line.strip().split(" +")).toList();
  }

  /**
   * Of the sizes that the node has.
   *
   * @param usage the file's name behind {@code hugetlb.SIZE.}
   * @param maxUsage the same; of version 2 there is none
   */
  static List<HugePages> hugePages(Path folder, String usage, String maxUsage) {
    return CgroupFolder.folders(HUGE_PAGES).stream()
        .map(size -> size.getFileName().toString())
        .filter(size -> size.startsWith(HUGE_PAGES_PREFIX))
        .map(DetailFiles::size)
        .sorted()
        .filter(size -> Controllers.read(folder.resolve("hugetlb." + size + "." + usage)) != null)
        .map(size ->
            new HugePages(
                size,
                number(folder.resolve("hugetlb." + size + "." + usage)),
                number(folder.resolve("hugetlb." + size + "." + maxUsage))))
        .toList();
  }

  /** {@code hugepages-2048kB} is {@code 2MB} in the names of files. */
  private static String size(String folder) {
    long kib = Long.parseLong(folder, HUGE_PAGES_PREFIX.length(), folder.length() - 2, 10);
    if (kib >= KIB * KIB) {
      return kib / (KIB * KIB) + "GB";
    }
    return kib >= KIB ? kib / KIB + "MB" : kib + "KB";
  }
}
