package io.crij.runtime.oci.mounts;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * What a pod's containers share by mounts.
 *
 * @param shm mounted at /dev/shm; null: the container gets one of its own
 */
public record PodFiles(Path hosts, Path hostname, Path resolvConf, @Nullable Path shm) {}
