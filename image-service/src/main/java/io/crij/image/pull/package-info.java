/**
 * Brings images to this node: chooses the platform, has the layers made all at once, and commits
 * the image when everything is on the disk. Where it comes from is an {@link
 * io.crij.image.registry.ImageSource}.
 */
@NullMarked
package io.crij.image.pull;

import org.jspecify.annotations.NullMarked;
