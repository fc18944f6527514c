/** The runtime service as others see it: opened once, with a method for each call. */
@NullMarked
package io.crij.runtime.service;

import org.jspecify.annotations.NullMarked;
