/** AdminService: what people at a node need and the CRI has no RPC for. */
@NullMarked
package io.crij.server.admin;

import org.jspecify.annotations.NullMarked;
