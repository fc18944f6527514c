/** TLS as configured: certificates and keys from files, and whom to trust. */
@NullMarked
package io.crij.image.registry.tls;

import org.jspecify.annotations.NullMarked;
