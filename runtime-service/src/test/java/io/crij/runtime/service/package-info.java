@NullMarked
package io.crij.runtime.service;

import org.jspecify.annotations.NullMarked;
