/** What the verbs on containers are made of: making one, taking one down, and what both need. */
@NullMarked
package io.crij.runtime.container.steps;

import org.jspecify.annotations.NullMarked;
