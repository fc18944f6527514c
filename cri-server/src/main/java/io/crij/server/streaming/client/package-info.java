/** A client's connection, whichever protocol carries its streams. */
@NullMarked
package io.crij.server.streaming.client;

import org.jspecify.annotations.NullMarked;
