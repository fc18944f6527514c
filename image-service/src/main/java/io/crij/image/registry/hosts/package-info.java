/**
 * Which hosts serve a registry's images, and how to reach them: containerd's {@code certs.d}
 * folders, {@code <host>/hosts.toml}, and Docker's older form of bare certificates in the same
 * place.
 */
@NullMarked
package io.crij.image.registry.hosts;

import org.jspecify.annotations.NullMarked;
