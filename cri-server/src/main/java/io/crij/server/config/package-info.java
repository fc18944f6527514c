/**
 * What crijd is told: flags over environment over drop-ins over file. Each layer gives raw values
 * with their origin; one reader turns them into immutable records, or names the origin, the key and
 * the reason.
 */
@NullMarked
package io.crij.server.config;

import org.jspecify.annotations.NullMarked;
