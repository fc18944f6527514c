/** The connection to the crijd of this node. */
@NullMarked
package io.crij.cli.connection;

import org.jspecify.annotations.NullMarked;
