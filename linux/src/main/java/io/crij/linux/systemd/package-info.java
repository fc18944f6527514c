/**
 * What a service tells its service manager, and gets from it: sd_notify(3), sd_listen_fds(3). A
 * program that no service manager has started does the same and nothing comes of it.
 */
@NullMarked
package io.crij.linux.systemd;

import org.jspecify.annotations.NullMarked;
