package io.crij.image.registry.hosts;

import io.crij.image.name.ImageReference;

/**
 * A host, and what an image is called there.
 *
 * @param primary whether this is the registry that the image's name means, rather than a mirror
 */
public record Endpoint(RegistryHost host, ImageReference reference, boolean primary) {}
