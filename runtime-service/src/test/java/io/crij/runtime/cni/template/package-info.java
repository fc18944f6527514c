@NullMarked
package io.crij.runtime.cni.template;

import org.jspecify.annotations.NullMarked;
