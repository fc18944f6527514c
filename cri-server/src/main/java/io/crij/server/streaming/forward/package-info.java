/** Port forwarding: a client's streams connected with sockets in a pod. */
@NullMarked
package io.crij.server.streaming.forward;

import org.jspecify.annotations.NullMarked;
