package io.crij.runtime.cgroup;

import io.crij.runtime.ServiceException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** The settings of a group as they were, to be put back when not all of a change can be made. */
public final class SavedSettings {
  /** Of both versions; each version lacks the other's. */
  private static final List<String> FILES =
      List.of(
          "cpu.shares",
          "cpu.cfs_period_us",
          "cpu.cfs_quota_us",
          "cpuset.cpus",
          "cpuset.mems",
          "memory.memsw.limit_in_bytes",
          "memory.limit_in_bytes",
          "cpu.weight",
          "cpu.max",
          "memory.max",
          "memory.swap.max");

  /** A value can be refused for the sake of another that is put back later. */
  private static final int ATTEMPTS = 2;

  private final ControlGroups cgroups;
  private final String group;
  private final Map<String, String> values = new LinkedHashMap<>();

  private SavedSettings(ControlGroups cgroups, String group) {
    this.cgroups = cgroups;
    this.group = group;
  }

  /**
   * @param more files, besides those that every change may touch
   */
  public static SavedSettings of(ControlGroups cgroups, String group, Collection<String> more) {
    SavedSettings saved = new SavedSettings(cgroups, group);
    List<String> files = new ArrayList<>(FILES);
    files.addAll(more);
    for (String file : files) {
      String value = cgroups.read(group, file);
      if (value != null) {
        saved.values.put(file, value);
      }
    }
    return saved;
  }

  /**
   * Puts back what has changed.
   *
   * @return what could not be put back, with the reason; empty when all is as it was
   */
  public List<String> restore() {
    List<String> failures = List.of();
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      failures = new ArrayList<>();
      for (Map.Entry<String, String> setting : values.entrySet()) {
        restore(setting.getKey(), setting.getValue(), failures);
      }
    }
    return failures;
  }

  private void restore(String file, String value, List<String> failures) {
    try {
      if (!Objects.equals(cgroups.read(group, file), value)) {
        cgroups.write(group, file, value);
      }
    } catch (ServiceException e) {
      failures.add(String.valueOf(e.getMessage()));
    }
  }
}
