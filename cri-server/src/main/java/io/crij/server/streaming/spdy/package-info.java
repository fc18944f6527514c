/** SPDY/3.1 as the clients of Kubernetes speak it, with a bound on everything they send. */
@NullMarked
package io.crij.server.streaming.spdy;

import org.jspecify.annotations.NullMarked;
