/** What pods and containers use as metrics of cAdvisor's names, which the kubelet hands on. */
@NullMarked
package io.crij.runtime.metrics;

import org.jspecify.annotations.NullMarked;
