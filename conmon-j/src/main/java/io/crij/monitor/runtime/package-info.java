/** The OCI runtime's command line, and the processes that come of it. */
@NullMarked
package io.crij.monitor.runtime;

import org.jspecify.annotations.NullMarked;
