/**
 * Devices by the Container Device Interface: files of the node say what a container gets with a
 * device. They are read for each container that asks for one.
 */
@NullMarked
package io.crij.runtime.cdi;

import org.jspecify.annotations.NullMarked;
