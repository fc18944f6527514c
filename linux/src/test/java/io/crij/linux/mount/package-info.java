/** Tests of mounts. */
@NullMarked
package io.crij.linux.mount;

import org.jspecify.annotations.NullMarked;
