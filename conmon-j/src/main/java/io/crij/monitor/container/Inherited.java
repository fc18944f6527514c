package io.crij.monitor.container;

import io.crij.linux.Fd;
import io.crij.monitor.v1.ContainerRecord;
import io.crij.monitor.v1.FdKind;
import io.crij.monitor.v1.HandOver;
import io.crij.monitor.v1.HandedContainer;
import io.crij.monitor.v1.HandedDescriptor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What a monitor begins with beside its files; used up by {@link Containers#takeOver}. */
public final class Inherited implements AutoCloseable {
  private final List<ContainerRecord> records = new ArrayList<>();
  private final Map<String, HeldDescriptors> descriptors = new HashMap<>();
  private final TreeMap<String, HeldDescriptors> kept = new TreeMap<>();
  private final boolean isAdopting;

  private Inherited(boolean isAdopting) {
    this.isAdopting = isAdopting;
  }

  /** Of a monitor that starts; {@link #putKept} adds what others have kept. */
  public static Inherited none() {
    return new Inherited(true);
  }

  /** Of a program that has taken the place of another in the same process. */
  public static Inherited from(HandOver handOver) {
    Inherited inherited = new Inherited(handOver.getAdopting());
    for (HandedContainer container : handOver.getContainersList()) {
      inherited.records.add(container.getRecord());
      String id = container.getRecord().getConfig().getContainerId();
      for (HandedDescriptor descriptor : container.getDescriptorsList()) {
        inherited.put(id, descriptor.getKind(), Fd.owning(descriptor.getNumber()));
      }
    }
    return inherited;
  }

  private void put(String containerId, FdKind kind, Fd fd) {
    descriptors.computeIfAbsent(containerId, _ -> new HeldDescriptors()).put(kind, fd);
  }

  /**
   * Adds a descriptor that somebody has kept, of the container whose id begins so; owned from now
   * on. It is used if it is what the container's record says.
   */
  public void putKept(String idPrefix, FdKind kind, Fd fd) {
    kept.computeIfAbsent(idPrefix, _ -> new HeldDescriptors()).put(kind, fd);
  }

  List<ContainerRecord> records() {
    return records;
  }

  /** Hands over those of a container. */
  HeldDescriptors take(ContainerRecord record) {
    String id = record.getConfig().getContainerId();
    HeldDescriptors held = descriptors.remove(id);
    if (held == null) {
      held = new HeldDescriptors();
    }
    Map.Entry<String, HeldDescriptors> found = kept.floorEntry(id);
    if (found != null && id.startsWith(found.getKey())) {
      try (HeldDescriptors ofPrefix = found.getValue()) {
        kept.remove(found.getKey());
        ofPrefix.giveThoseOf(record, held);
      }
    }
    return held;
  }

  /** Whether another keeper may still have what is missing. */
  boolean isAdopting() {
    return isAdopting;
  }

  /** Closes what no container has taken. */
  @Override
  public void close() {
    descriptors.values().forEach(HeldDescriptors::close);
    descriptors.clear();
    kept.values().forEach(HeldDescriptors::close);
    kept.clear();
  }
}
