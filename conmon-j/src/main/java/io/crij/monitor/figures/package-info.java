/** What is counted for whoever measures the node. */
@NullMarked
package io.crij.monitor.figures;

import org.jspecify.annotations.NullMarked;
