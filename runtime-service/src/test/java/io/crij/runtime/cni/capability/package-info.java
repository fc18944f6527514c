@NullMarked
package io.crij.runtime.cni.capability;

import org.jspecify.annotations.NullMarked;
