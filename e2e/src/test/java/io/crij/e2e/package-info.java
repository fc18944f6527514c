/**
 * Acceptance: the packaged programs on a private node, seen from outside only, by crictl, critest
 * and the host's own eyes; and the rules of the architecture, checked on all compiled classes.
 *
 * <p>Every test works in its own folders, network and cgroup, and leaves nothing behind.
 */
@NullMarked
package io.crij.e2e;

import org.jspecify.annotations.NullMarked;
