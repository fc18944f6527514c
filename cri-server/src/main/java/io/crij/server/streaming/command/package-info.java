/** Exec and attach: a client's streams connected with those of a process. */
@NullMarked
package io.crij.server.streaming.command;

import org.jspecify.annotations.NullMarked;
