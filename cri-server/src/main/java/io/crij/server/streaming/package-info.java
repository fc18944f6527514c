/** The streaming server: where the URLs that Exec, Attach and PortForward answer with lead to. */
@NullMarked
package io.crij.server.streaming;

import org.jspecify.annotations.NullMarked;
