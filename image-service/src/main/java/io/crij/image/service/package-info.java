/** The image service as others see it: opened once, with a method for each call. */
@NullMarked
package io.crij.image.service;

import org.jspecify.annotations.NullMarked;
