/**
 * The border to gRPC: services as tables of verbs, the readiness gate, the log line of each call,
 * and the one place that turns errors into status codes.
 */
@NullMarked
package io.crij.server.rpc;

import org.jspecify.annotations.NullMarked;
