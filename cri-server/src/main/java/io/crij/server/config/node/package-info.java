/** Defaults that depend on the node and the instance. */
@NullMarked
package io.crij.server.config.node;

import org.jspecify.annotations.NullMarked;
