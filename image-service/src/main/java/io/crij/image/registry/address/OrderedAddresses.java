package io.crij.image.registry.address;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.net.spi.InetAddressResolver;
import java.net.spi.InetAddressResolver.LookupPolicy;
import java.net.spi.InetAddressResolverProvider;
import java.security.Security;
import java.util.List;
import java.util.stream.Stream;

/**
 * The lookup of names in this process: the node's own, with the address in front that {@link
 * HostAddresses} found to answer. The JDK finds it as a service.
 */
public final class OrderedAddresses extends InetAddressResolverProvider {
  private static final int FAMILIES = LookupPolicy.IPV4 | LookupPolicy.IPV6;

  static {
    // What the JDK remembers by itself would be in the order of before.
    Security.setProperty("networkaddress.cache.ttl", "0");
    Security.setProperty("networkaddress.cache.negative.ttl", "0");
  }

  @Override
  public InetAddressResolver get(Configuration configuration) {
    return above(configuration.builtinResolver());
  }

  /** The same above another lookup than the node's own. */
  public static InetAddressResolver above(InetAddressResolver node) {
    return new InetAddressResolver() {
      @Override
      public Stream<InetAddress> lookupByName(String host, LookupPolicy policy)
          throws UnknownHostException {
        List<InetAddress> known = HostAddresses.known(host);
        // In the order of getaddrinfo(3), which knows the node's routes and RFC 6724.
        return known != null
            ? known.stream()
            : node.lookupByName(host, LookupPolicy.of(policy.characteristics() & FAMILIES));
      }

      @Override
      public String lookupByAddress(byte[] address) throws UnknownHostException {
        return node.lookupByAddress(address);
      }
    };
  }

  @Override
  public String name() {
    return "addresses that answer";
  }
}
