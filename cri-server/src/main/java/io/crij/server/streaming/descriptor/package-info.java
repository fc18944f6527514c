/** Pipes, terminals and sockets, moved on the event loop of the client's connection. */
@NullMarked
package io.crij.server.streaming.descriptor;

import org.jspecify.annotations.NullMarked;
