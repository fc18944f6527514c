package io.crij.image.registry.fake;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.net.spi.InetAddressResolver;
import java.net.spi.InetAddressResolver.LookupPolicy;
import java.net.spi.InetAddressResolverProvider;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;

/** DNS of the tests: says nothing about names that end in {@code .silent.test}. */
public final class SilentNames extends InetAddressResolverProvider {
  private static final Duration SILENCE = Duration.ofSeconds(60);
  private static final List<Thread> WAITING = new CopyOnWriteArrayList<>();

  /** The threads that asked for such a name. */
  public static List<Thread> waiting() {
    return WAITING;
  }

  @Override
  public InetAddressResolver get(Configuration configuration) {
    InetAddressResolver node = configuration.builtinResolver();
    return new InetAddressResolver() {
      @Override
      public Stream<InetAddress> lookupByName(String host, LookupPolicy policy)
          throws UnknownHostException {
        if (host.endsWith(".silent.test")) {
          keepSilent(host);
        }
        return node.lookupByName(host, policy);
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
    return "silent names";
  }
}
