/**
 * Spans of OpenTelemetry: one for each call of the CRI, as the child of its caller's, and below it
 * one for each stage of what is made. They hold methods, codes, stages and what the log tells of a
 * call, never a message or anything else of a request. Without a collector none of OpenTelemetry's
 * classes is loaded.
 */
@NullMarked
package io.crij.server.tracing;

import org.jspecify.annotations.NullMarked;
