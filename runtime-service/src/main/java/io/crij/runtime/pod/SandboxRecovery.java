package io.crij.runtime.pod;

import io.crij.runtime.cni.PodNetwork;
import io.crij.runtime.names.Names;
import io.crij.runtime.sandbox.Boot;
import io.crij.runtime.sandbox.Sandbox;
import io.crij.runtime.sandbox.SandboxNamespaces;
import io.crij.runtime.sandbox.SandboxParent;
import io.crij.runtime.sandbox.SandboxState;
import io.crij.runtime.sandbox.SandboxStore;
import java.util.HashSet;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings the records of sandboxes and what is on the node together again at the start.
 *
 * <p>What may have happened meanwhile: this program was killed at any instant, also within a verb;
 * namespaces, mounts or files were removed by hand; or the node was started anew (then the boot id
 * differs), and namespaces, mounts and the runroot are gone, but addresses are still reserved by
 * the plugins. Records are never changed by others. A plugin that was running may still be.
 *
 * <p>What takes time, like asking plugins to free addresses, is left to the background, and begins
 * when the containers are recovered too. A sandbox whose recovery fails is logged and passed over.
 */
final class SandboxRecovery {
  private static final Logger log = LoggerFactory.getLogger(SandboxRecovery.class);

  private final SandboxStore sandboxes;
  private final SandboxParent parent;
  private final PodNetwork network;
  private final Names names;
  private final PodTeardown teardown;
  private final PodRetries retries;

  SandboxRecovery(
      SandboxStore sandboxes,
      SandboxParent parent,
      PodNetwork network,
      Names names,
      PodTeardown teardown,
      PodRetries retries) {
    this.sandboxes = sandboxes;
    this.parent = parent;
    this.network = network;
    this.names = names;
    this.teardown = teardown;
    this.retries = retries;
  }

  void run() {
    String boot = Boot.id();
    Set<String> known = new HashSet<>();
    for (Sandbox sandbox : sandboxes.all()) {
      known.add(sandbox.id());
      try {
        recover(sandbox, boot);
      } catch (RuntimeException e) {
        log.error("sandbox {}: cannot be recovered: {}", sandbox.id(), e.getMessage(), e);
      }
    }
    Set<String> unknown = new HashSet<>(parent.sandboxIds());
    unknown.addAll(network.attachedSandboxes());
    unknown.removeAll(known);
    for (String id : unknown) {
      log.warn("sandbox {}: has no readable record, what is left of it is taken down", id);
      retries.add(id, () -> teardown.removeUnrecorded(id, parent.folder(id)));
    }
  }

  private void recover(Sandbox sandbox, String boot) {
    String id = sandbox.id();
    switch (sandbox.state()) {
      case CREATING, FAILED -> {
        sandboxes.setState(id, SandboxState.FAILED);
        retries.add(id, () -> teardown.remove(id));
      }
      case READY, BROKEN -> {
        names.hold(sandbox.name(), id);
        if (!sandbox.bootId().equals(boot)) {
          sandboxes.setState(id, SandboxState.NOTREADY);
          retries.add(id, () -> teardown.stop(id));
        } else if (!SandboxNamespaces.arePinned(sandbox)) {
          log.warn("sandbox {}: its namespaces are gone", id);
          sandboxes.setState(id, SandboxState.BROKEN);
        }
      }
      case NOTREADY -> {
        names.hold(sandbox.name(), id);
        if (network.isAttached(id) || SandboxNamespaces.anyLeft(sandbox.folder())) {
          retries.add(id, () -> teardown.stop(id));
        }
      }
    }
  }
}
