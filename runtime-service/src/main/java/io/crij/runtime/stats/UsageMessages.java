package io.crij.runtime.stats;

import io.crij.cri.v1.CpuUsage;
import io.crij.cri.v1.IoUsage;
import io.crij.cri.v1.MemoryUsage;
import io.crij.cri.v1.NetworkInterfaceUsage;
import io.crij.cri.v1.PsiData;
import io.crij.cri.v1.PsiStats;
import io.crij.cri.v1.SwapUsage;
import io.crij.cri.v1.UInt64Value;
import io.crij.linux.cgroup.GroupUsage;
import io.crij.linux.cgroup.Pressure;
import io.crij.linux.netlink.NetworkInterface;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Figures as messages of the CRI. What is not known is not set, and null here. */
final class UsageMessages {
  private UsageMessages() {}

  static CpuUsage cpu(Sample sample) {
    CpuUsage.Builder message =
        CpuUsage.newBuilder()
            .setTimestamp(sample.at())
            .setUsageCoreNanoSeconds(value(sample.usage().cpuNanos()));
    sample.nanoCores().ifPresent(cores -> message.setUsageNanoCores(value(cores)));
    Pressure pressure = sample.usage().pressures().cpu();
    if (pressure != null) {
      message.setPsi(psi(pressure));
    }
    return message.build();
  }

  static @Nullable MemoryUsage memory(Sample sample) {
    GroupUsage.Memory memory = sample.usage().memory();
    if (memory == null) {
      return null;
    }
    MemoryUsage.Builder message =
        MemoryUsage.newBuilder()
            .setTimestamp(sample.at())
            .setWorkingSetBytes(value(memory.workingSetBytes()))
            .setUsageBytes(value(memory.usageBytes()))
            .setRssBytes(value(memory.rssBytes()))
            .setPageFaults(value(memory.faults()))
            .setMajorPageFaults(value(memory.majorFaults()));
    if (memory.limitBytes() != GroupUsage.UNLIMITED) {
      long available = memory.limitBytes() - memory.workingSetBytes();
      message.setAvailableBytes(value(Math.max(0, available)));
    }
    Pressure pressure = sample.usage().pressures().memory();
    if (pressure != null) {
      message.setPsi(psi(pressure));
    }
    return message.build();
  }

  static @Nullable SwapUsage swap(Sample sample) {
    GroupUsage.Swap swap = sample.usage().swap();
    if (swap == null) {
      return null;
    }
    SwapUsage.Builder message =
        SwapUsage.newBuilder()
            .setTimestamp(sample.at())
            .setSwapUsageBytes(value(swap.usageBytes()));
    if (swap.limitBytes() != GroupUsage.UNLIMITED) {
      message.setSwapAvailableBytes(value(Math.max(0, swap.limitBytes() - swap.usageBytes())));
    }
    return message.build();
  }

  static @Nullable IoUsage io(Sample sample) {
    Pressure pressure = sample.usage().pressures().io();
    return pressure == null
        ? null
        : IoUsage.newBuilder().setTimestamp(sample.at()).setPsi(psi(pressure)).build();
  }

  static NetworkInterfaceUsage network(NetworkInterface of) {
    return NetworkInterfaceUsage.newBuilder()
        .setName(of.name())
        .setRxBytes(value(of.received().bytes()))
        .setRxErrors(value(of.received().errors()))
        .setTxBytes(value(of.sent().bytes()))
        .setTxErrors(value(of.sent().errors()))
        .build();
  }

  /** Since 1970. */
  static long nanos(Instant at) {
    return TimeUnit.SECONDS.toNanos(at.getEpochSecond()) + at.getNano();
  }

  static UInt64Value value(long value) {
    return UInt64Value.newBuilder().setValue(value).build();
  }

  private static PsiStats psi(Pressure pressure) {
    return PsiStats.newBuilder()
        .setSome(psi(pressure.some()))
        .setFull(psi(pressure.full()))
        .build();
  }

  private static PsiData psi(Pressure.Share share) {
    return PsiData.newBuilder()
        .setTotal(share.totalNanos())
        .setAvg10(share.average10())
        .setAvg60(share.average60())
        .setAvg300(share.average300())
        .build();
  }
}
