/**
 * A repository at one host, and at the hosts that serve the same: authorization, the meaning of
 * statuses, attempts and their order. What is asked is the caller's.
 */
@NullMarked
package io.crij.image.registry.session;

import org.jspecify.annotations.NullMarked;
