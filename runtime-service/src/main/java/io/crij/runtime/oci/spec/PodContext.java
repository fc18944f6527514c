package io.crij.runtime.oci.spec;

import io.crij.runtime.oci.mounts.PodFiles;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a container shares with its pod. A namespace's path that is null: the container is in the
 * node's.
 *
 * @param hostname of the pod, or of the node when the pod has the node's network
 * @param pid namespace to join
 * @param privatePid a PID namespace of the container's own; {@code pid} is null then
 * @param privateIpc an IPC namespace of the container's own; {@code ipc} is null then
 * @param user namespace to join
 * @param annotations of the pod
 */
public record PodContext(
    String hostname,
    @Nullable Path network,
    @Nullable Path ipc,
    @Nullable Path uts,
    @Nullable Path pid,
    boolean privatePid,
    boolean privateIpc,
    @Nullable UserNamespace user,
    PodFiles files,
    Map<String, String> annotations) {
  public PodContext {
    annotations = Map.copyOf(annotations);
  }
}
