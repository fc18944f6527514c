/** What crijd writes to stderr: who logs never waits, and what is shown can change. */
@NullMarked
package io.crij.server.log;

import org.jspecify.annotations.NullMarked;
