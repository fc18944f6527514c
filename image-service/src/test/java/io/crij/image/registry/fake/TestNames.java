package io.crij.image.registry.fake;

import io.crij.image.registry.address.OrderedAddresses;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.net.spi.InetAddressResolver;
import java.net.spi.InetAddressResolver.LookupPolicy;
import java.net.spi.InetAddressResolverProvider;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;

/**
 * DNS of the tests, in place of the node's: says nothing about names that end in {@code
 * .silent.test}, and of others what a test says.
 */
public final class TestNames extends InetAddressResolverProvider {
  private static final Duration SILENCE = Duration.ofSeconds(60);
  private static final List<Thread> WAITING = new CopyOnWriteArrayList<>();
  private static final Map<String, List<InetAddress>> KNOWN = new ConcurrentHashMap<>();

  /** The threads that asked for such a name. */
  public static List<Thread> waiting() {
    return WAITING;
  }

  /** From now on a name has these addresses, in this order. */
  public static void define(String host, List<String> addresses) {
    KNOWN.put(host, addresses.stream().map(InetAddress::ofLiteral).toList());
  }

  @Override
  public InetAddressResolver get(Configuration configuration) {
    return OrderedAddresses.above(names(configuration.builtinResolver()));
  }

  private static InetAddressResolver names(InetAddressResolver node) {
    return new InetAddressResolver() {
      @Override
      public Stream<InetAddress> lookupByName(String host, LookupPolicy policy)
          throws UnknownHostException {
        if (host.endsWith(".silent.test")) {
          keepSilent(host);
        }
        List<InetAddress> known = KNOWN.get(host);
        return known == null ? node.lookupByName(host, policy) : known.stream();
      }

      @Override
      public String lookupByAddress(byte[] address) throws UnknownHostException {
        return node.lookupByAddress(address);
      }
    };
  }

  private static void keepSilent(String host) throws UnknownHostException {
    WAITING.add(Thread.currentThread());
    try {
      Thread.sleep(SILENCE);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    throw new UnknownHostException(host);
  }

  @Override
  public String name() {
    return "names of the tests";
  }
}
