/** Processes executed in containers, with their output given back at their end. */
@NullMarked
package io.crij.monitor.exec;

import org.jspecify.annotations.NullMarked;
