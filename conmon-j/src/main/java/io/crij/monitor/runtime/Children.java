package io.crij.monitor.runtime;

import io.crij.linux.process.ChildProcess;
import io.crij.linux.process.Command;
import io.crij.linux.process.CurrentProcess;
import io.crij.linux.process.ProcessStat;
import io.crij.linux.process.Stdio;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Knows which children somebody waits for, and reaps all others: what orphans in containers without
 * a PID namespace leave to us, their subreaper.
 *
 * <p>A container's init becomes our child when the runtime ends, a moment before its pid file is
 * read. Until then the runtime's call counts as open, and no zombie that is younger than an open
 * call is touched: so no exit code is ever taken from somebody who needs it. Waiting for any child
 * would do that.
 */
public final class Children {
  private final Set<Integer> awaited = new HashSet<>();
  private final Map<Integer, Long> openCalls = new HashMap<>();

  /** Starts a program that may leave us a child: until {@link #closeCall} the call is open. */
  synchronized ChildProcess startCall(Command command, Stdio stdio) {
    ChildProcess child = ChildProcess.start(command, stdio);
    awaited.add(child.pid());
    openCalls.put(child.pid(), child.id().startTimeTicks());
    return child;
  }

  /** Starts a program of ours, whose exit code the caller takes; then it is {@link #reaped}. */
  public synchronized ChildProcess startProgram(Command command, Stdio stdio) {
    ChildProcess child = ChildProcess.start(command, stdio);
    awaited.add(child.pid());
    return child;
  }

  /** The call's own process was reaped, and its child, if any, is claimed. */
  synchronized void closeCall(ChildProcess call) {
    openCalls.remove(call.pid());
    awaited.remove(call.pid());
  }

  /** Somebody waits for this child from now on, until it is {@link #reaped}. */
  public synchronized void claim(int pid) {
    awaited.add(pid);
  }

  /** Its exit code was taken, or is given up. */
  public synchronized void reaped(int pid) {
    awaited.remove(pid);
  }

  /** Reaps the zombies that nobody waits for. */
  public synchronized void reapOrphans() {
    if (!CurrentProcess.hasZombie()) {
      return;
    }
    long oldestCall = openCalls.values().stream().min(Long::compare).orElse(Long.MAX_VALUE);
    for (int pid : CurrentProcess.children()) {
      if (!awaited.contains(pid)) {
        ProcessStat stat = ProcessStat.read(pid);
        if (stat != null && stat.isZombie() && stat.startTimeTicks() < oldestCall) {
          CurrentProcess.reap(pid);
        }
      }
    }
  }
}
