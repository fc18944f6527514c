/** What plugins can ask the runtime to tell them of a pod (CNI conventions). */
@NullMarked
package io.crij.runtime.cni.capability;

import org.jspecify.annotations.NullMarked;
