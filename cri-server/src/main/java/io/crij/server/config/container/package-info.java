/** Settings of what containers and pods get. */
@NullMarked
package io.crij.server.config.container;

import org.jspecify.annotations.NullMarked;
