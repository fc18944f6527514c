package io.crij.image;

import java.util.List;
import java.util.Map;
import java.util.Set;

/** What an image says of the containers made from it (OCI image-spec, config.md). */
public record ImageConfig(
    String user,
    List<String> env,
    List<String> entrypoint,
    List<String> cmd,
    String workingDir,
    Map<String, String> labels,
    Set<String> volumes,
    String stopSignal) {}
