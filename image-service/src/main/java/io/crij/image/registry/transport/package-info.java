/**
 * HTTP as registries need it: redirects that lose what is meant for one host only, waits that are
 * bounded however slowly bytes come, and URLs that can be shown to anybody.
 */
@NullMarked
package io.crij.image.registry.transport;

import org.jspecify.annotations.NullMarked;
