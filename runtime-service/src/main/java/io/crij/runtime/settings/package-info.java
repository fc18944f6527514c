/**
 * What the configuration says of all containers and pods that are made: values that SIGHUP may
 * change for those made from then on.
 */
@NullMarked
package io.crij.runtime.settings;

import org.jspecify.annotations.NullMarked;
