package io.crij.runtime.selinux;

import io.crij.runtime.ServiceException;
import io.crij.runtime.settings.SelinuxSettings;
import java.util.Set;
import java.util.random.RandomGenerator;

/** Two categories each, which keep pods apart: processes use files of their own categories only. */
final class Categories {
  /** How often chance decides: beyond, nearly all pairs are taken. */
  private static final int TRIES = 1000;

  private Categories() {}

  /**
   * A level that none of {@code levels} is.
   *
   * @param level of the policy, as {@code s0}, to which the categories are added
   * @throws ServiceException.ResourceExhausted when there is none
   */
  static String free(
      String level, SelinuxSettings settings, Set<String> levels, RandomGenerator random) {
    int range = settings.categories();
    for (int i = 0; i < TRIES; i++) {
      int one = random.nextInt(range);
      int other = random.nextInt(range);
      String found = level(level, one, other);
      if (one != other && !levels.contains(found)) {
        return found;
      }
    }
    for (int one = 0; one < range; one++) {
      for (int other = one + 1; other < range; other++) {
        String found = level(level, one, other);
        if (!levels.contains(found)) {
          return found;
        }
      }
    }
    throw new ServiceException.ResourceExhausted(
        "SELinux: all pairs of " + range + " categories are taken by pods");
  }

  private static String level(String level, int one, int other) {
    return level + ":c" + Math.min(one, other) + ",c" + Math.max(one, other);
  }
}
