/** What the configuration's layers give: keys, their values, and where each was said. */
@NullMarked
package io.crij.server.config.given;

import org.jspecify.annotations.NullMarked;
