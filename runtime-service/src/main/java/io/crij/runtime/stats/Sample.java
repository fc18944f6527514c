package io.crij.runtime.stats;

import io.crij.linux.cgroup.GroupUsage;
import java.util.OptionalLong;

/**
 * What a cgroup used at a moment.
 *
 * @param at nanoseconds since 1970
 * @param nanoCores nanoseconds of processors for each second lately; empty: it is not known yet
 */
public record Sample(GroupUsage usage, long at, OptionalLong nanoCores) {
  /** Of one of several cgroups that are told of together. */
  Sample alone() {
    return new Sample(usage.withoutPressures(), at, nanoCores);
  }

  /** Of both together. */
  Sample plus(Sample other) {
    OptionalLong both =
        nanoCores.isPresent() && other.nanoCores.isPresent()
            ? OptionalLong.of(nanoCores.getAsLong() + other.nanoCores.getAsLong())
            : OptionalLong.empty();
    return new Sample(usage.plus(other.usage), Math.max(at, other.at), both);
  }
}
