/** Files of JSON and YAML that people and other programs write for us. */
@NullMarked
package io.crij.runtime.json;

import org.jspecify.annotations.NullMarked;
