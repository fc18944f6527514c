/**
 * The monitor as a service of systemd: it says how it is, and keeps copies of its descriptors with
 * the service manager, from which the next monitor gets them when all others have died.
 */
@NullMarked
package io.crij.monitor.systemd;

import org.jspecify.annotations.NullMarked;
