package io.crij.image.registry.conf;

import io.crij.image.name.ImageReference;

/**
 * A place where an image may be.
 *
 * @param reference what it is called there
 * @param insecure whether it may be asked without TLS, or with a certificate of unknown origin
 * @param primary whether it is the registry itself rather than a mirror
 */
public record Location(ImageReference reference, boolean insecure, boolean primary) {}
