/**
 * Faster ways to do what the JDK does too, by libraries that a node may have: OpenSSL's SHA-256 and
 * AES-GCM, ISA-L's inflate. Each is tried on known data before it is believed, and nothing needs it
 * to be there.
 */
@NullMarked
package io.crij.linux.codec;

import org.jspecify.annotations.NullMarked;
