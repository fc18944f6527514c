/** TLS of the servers whose clients come by TCP, from files that may change. */
@NullMarked
package io.crij.server.tls;

import org.jspecify.annotations.NullMarked;
