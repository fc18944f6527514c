package io.crij.linux.testing;

import java.util.LinkedHashSet;
import java.util.Set;

/** The traces of one instant. */
record Snapshot(Set<Trace> traces) {
  static Snapshot take(Scope scope) {
    Set<Trace> traces = new LinkedHashSet<>();
    // Rules first: looking at them starts a program, which must be gone when processes are counted.
    traces.addAll(Network.firewallRules(scope));
    traces.addAll(Network.links(scope));
    traces.addAll(Mounts.scan(scope));
    traces.addAll(Cgroups.scan(scope));
    traces.addAll(LeftFiles.scan(scope));
    traces.addAll(Internals.descriptors());
    traces.addAll(Internals.threads());
    traces.addAll(Processes.scan(scope));
    return new Snapshot(traces);
  }

  /** What is here and was not there before. */
  Set<Trace> since(Snapshot before) {
    Set<Trace> added = new LinkedHashSet<>(traces);
    added.removeAll(before.traces());
    return added;
  }
}
