/** The services of the CRI as tables: RPC to verb. */
@NullMarked
package io.crij.server.cri;

import org.jspecify.annotations.NullMarked;
