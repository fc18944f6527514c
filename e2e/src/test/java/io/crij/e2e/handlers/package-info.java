/**
 * Pods with every OCI runtime that there is, each a handler of one node. {@code make test-handlers}
 * runs these tests, and nothing else does: the runtimes that Debian has not take long to build.
 */
@NullMarked
package io.crij.e2e.handlers;

import org.jspecify.annotations.NullMarked;
