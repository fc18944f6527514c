package io.crij.image.registry.transport;

import java.net.InetAddress;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Which hosts are asked without a proxy. Elements, separated by commas: {@code *} for all, an IP
 * address or a prefix of such in CIDR notation, {@code example.com} for this domain and all below
 * it, {@code .example.com} or {@code *.example.com} for those below it only; each but the first and
 * prefixes with an optional port. Names are never resolved. Loopback addresses and {@code
 * localhost} are always asked directly.
 */
final class NoProxy {
  private final List<Element> elements;

  /** One element of the list. */
  private sealed interface Element {
    boolean covers(String host, @Nullable InetAddress address, int port);

    record All() implements Element {
      @Override
      public boolean covers(String host, @Nullable InetAddress address, int port) {
        return true;
      }
    }

    /** Addresses whose first so many bits are these. */
    record Network(InetAddress first, int bits, int onlyPort) implements Element {
      @Override
      public boolean covers(String host, @Nullable InetAddress address, int port) {
        return address != null
            && (onlyPort < 0 || onlyPort == port)
            && sameBits(first.getAddress(), address.getAddress(), bits);
      }
    }

    /** A domain, itself included or not. */
    record Domain(String suffix, boolean itself, int onlyPort) implements Element {
      @Override
      public boolean covers(String host, @Nullable InetAddress address, int port) {
        return address == null
            && (onlyPort < 0 || onlyPort == port)
            && (host.endsWith(suffix) || (itself && host.equals(suffix.substring(1))));
      }
    }
  }

  private NoProxy(List<Element> elements) {
    this.elements = List.copyOf(elements);
  }

  /** What makes no sense is passed over, as by everybody else who reads this variable. */
  static NoProxy parse(String list) {
    List<Element> elements = new ArrayList<>();
    for (String part : list.split(",")) {
      String text = part.strip().toLowerCase(Locale.ROOT);
      Element element = text.isEmpty() ? null : element(text);
      if (element != null) {
        elements.add(element);
      }
    }
    return new NoProxy(elements);
  }

  private static @Nullable Element element(String text) {
    if (text.equals("*")) {
      return new Element.All();
    }
    int slash = text.indexOf('/');
    if (slash >= 0) {
      return network(text.substring(0, slash), text.substring(slash + 1));
    }
    InetAddress whole = address(text);
    if (whole != null) {
      return new Element.Network(whole, whole.getAddress().length * 8, -1);
    }
    int port = -1;
    String host = text;
    int colon = text.lastIndexOf(':');
    if (colon >= 0 && text.substring(colon + 1).matches("[0-9]{1,5}")) {
      port = Integer.parseInt(text.substring(colon + 1));
      host = text.substring(0, colon);
    }
    InetAddress address = address(host);
    if (address != null) {
      return new Element.Network(address, address.getAddress().length * 8, port);
    }
    if (host.isEmpty()) {
      return null;
    }
    String domain = host.startsWith("*.") ? host.substring(1) : host;
    return domain.startsWith(".")
        ? new Element.Domain(domain, false, port)
        : new Element.Domain("." + domain, true, port);
  }

  private static @Nullable Element network(String first, String bits) {
    InetAddress address = address(first);
    if (address == null || !bits.matches("[0-9]{1,3}")) {
      return null;
    }
    int count = Integer.parseInt(bits);
    return count > address.getAddress().length * 8 ? null : new Element.Network(address, count, -1);
  }

  /** An address in figures; null if the text is a name. */
  private static @Nullable InetAddress address(String text) {
    String plain =
        text.startsWith("[") && text.endsWith("]") ? text.substring(1, text.length() - 1) : text;
    try {
      return InetAddress.ofLiteral(plain);
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  private static boolean sameBits(byte[] one, byte[] other, int count) {
    if (one.length != other.length) {
      return false;
    }
    for (int bit = 0; bit < count; bit++) {
      int mask = 0x80 >> bit % 8;
      if ((one[bit / 8] & mask) != (other[bit / 8] & mask)) {
        return false;
      }
    }
    return true;
  }

  boolean covers(URI uri) {
    String host = uri.getHost().toLowerCase(Locale.ROOT);
    InetAddress address = address(host);
    if (host.equals("localhost") || (address != null && address.isLoopbackAddress())) {
      return true;
    }
    int port = uri.getPort() >= 0 ? uri.getPort() : "https".equals(uri.getScheme()) ? 443 : 80;
    return elements.stream().anyMatch(element -> element.covers(host, address, port));
  }
}
