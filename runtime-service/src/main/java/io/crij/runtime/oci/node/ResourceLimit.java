package io.crij.runtime.oci.node;

import java.math.BigInteger;

/**
 * A limit of setrlimit(2).
 *
 * @param type as in {@code RLIMIT_NOFILE}
 * @param soft unlimited is 2^64-1
 * @param hard unlimited is 2^64-1
 */
public record ResourceLimit(String type, BigInteger soft, BigInteger hard) {
  static final BigInteger UNLIMITED = BigInteger.TWO.pow(64).subtract(BigInteger.ONE);
}
