/**
 * Registries: the pull side of the OCI distribution specification. Mirrors and certificates are
 * configured by containerd's {@code hosts.toml}; nothing is remembered between two pulls.
 *
 * {@snippet :
 * try (ImageSource source = registry.open(reference, auth)) {
 *   FetchedManifest top = source.resolve();
 *   ...
 * }
 * }
 */
@NullMarked
package io.crij.image.registry;

import org.jspecify.annotations.NullMarked;
