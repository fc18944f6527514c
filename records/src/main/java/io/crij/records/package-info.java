/**
 * The one SQLite database of a node: connection, schema versions, transactions. Tables belong to
 * the services that use them.
 */
@NullMarked
package io.crij.records;

import org.jspecify.annotations.NullMarked;
