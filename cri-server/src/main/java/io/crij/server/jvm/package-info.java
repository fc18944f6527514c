/** How crijd treats its JVM: warm for the first calls, small when there is nothing to do. */
@NullMarked
package io.crij.server.jvm;

import org.jspecify.annotations.NullMarked;
