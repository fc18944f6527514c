/** The conformance suite of the CRI, its results, and the page that says what of it is skipped. */
@NullMarked
package io.crij.e2e.conformance;

import org.jspecify.annotations.NullMarked;
