/** The server: CRI and admin services, configuration, wiring. */
@NullMarked
package io.crij.server;

import org.jspecify.annotations.NullMarked;
