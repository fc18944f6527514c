package io.crij.runtime.container.steps;

import io.crij.cri.v1.PodSandboxMetadata;
import io.crij.runtime.container.records.Container;
import io.crij.runtime.sandbox.Sandbox;
import java.util.List;

/** By which lines of a container are found in the journal of the node: conmon's fields. */
final class JournalFields {
  private static final int SHORT_ID = 12;

  private JournalFields() {}

  static List<String> of(Container container, Sandbox sandbox) {
    PodSandboxMetadata pod = sandbox.config().getMetadata();
    String name =
        String.join(
            "_",
            "k8s",
            container.config().getMetadata().getName(),
            pod.getName(),
            pod.getNamespace(),
            pod.getUid(),
            Integer.toUnsignedString(container.config().getMetadata().getAttempt()));
    return List.of(
        "SYSLOG_IDENTIFIER=conmon-j",
        "CONTAINER_ID=" + container.id().substring(0, SHORT_ID),
        "CONTAINER_ID_FULL=" + container.id(),
        "CONTAINER_NAME=" + name.replace('\n', ' '));
  }
}
