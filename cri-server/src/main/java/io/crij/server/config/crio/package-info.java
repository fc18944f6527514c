/** What a configuration that was CRI-O's may hold and crijd has not, with the reasons. */
@NullMarked
package io.crij.server.config.crio;

import org.jspecify.annotations.NullMarked;
