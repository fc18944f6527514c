/** Channels over a WebSocket: the protocols channel.k8s.io. */
@NullMarked
package io.crij.server.streaming.websocket;

import org.jspecify.annotations.NullMarked;
