package io.crij.monitor.cgroup;

import io.crij.linux.Fd;
import io.crij.linux.io.Descriptors;
import io.crij.linux.io.NativeBuffer;
import java.nio.ByteOrder;

/**
 * What version 1 tells of a cgroup: an event each time its memory runs short, just before the
 * kernel kills, and one when it is removed (cgroup-v1/memory.rst, "OOM Control"). They say what
 * became of a container whose counters are gone before they could be read: systemd removes a scope
 * as soon as it is empty.
 */
final class Shortages {
  private final Fd counter;
  private final NativeBuffer value = NativeBuffer.allocate(Long.BYTES);
  private long events;
  private boolean sawOne;

  /**
   * @param counter that the kernel adds to; not owned
   */
  Shortages(Fd counter) {
    this.counter = counter;
    value.bytes().order(ByteOrder.nativeOrder());
  }

  /**
   * Notes that there was an event.
   *
   * @param isThere whether the cgroup still was when it was heard: then it did not tell of the end
   */
  void heard(boolean isThere) {
    count();
    sawOne |= isThere;
  }

  /** Notes that what was heard up to now killed nobody. */
  void settle() {
    count();
    events = 0;
    sawOne = false;
  }

  /** Whether memory ran short at the end of a cgroup that is gone. */
  boolean endedIt() {
    count();
    return sawOne || events > 1;
  }

  private void count() {
    if (Descriptors.read(counter, value, 0, Long.BYTES) == Long.BYTES) {
      events += value.bytes().getLong(0);
    }
  }
}
