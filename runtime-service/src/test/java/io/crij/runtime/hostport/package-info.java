@NullMarked
package io.crij.runtime.hostport;

import org.jspecify.annotations.NullMarked;
