package io.crij.image.registry.transport;

import io.crij.image.ImageException;
import io.crij.image.RegistryConfig.ProxySettings;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * By which proxy a URL is asked, if by any: {@code HTTP_PROXY}, {@code HTTPS_PROXY} and {@code
 * NO_PROXY} as the programs in Go read them (golang.org/x/net/http/httpproxy). A URL of https is
 * tunnelled through its proxy (RFC 9110, section 9.3.6).
 */
public final class Proxies extends ProxySelector {
  /** The JDK sends no Basic authorization with CONNECT unless this is empty; read once, early. */
  private static final String DISABLED_SCHEMES = "jdk.http.auth.tunneling.disabledSchemes";

  static {
    if (System.getProperty(DISABLED_SCHEMES) == null) {
      System.setProperty(DISABLED_SCHEMES, "");
    }
  }

  private final ProxySettings settings;
  private final NoProxy noProxy;

  public Proxies(ProxySettings settings) {
    this.settings = settings;
    this.noProxy = NoProxy.parse(settings.noProxy());
  }

  @Override
  public List<Proxy> select(URI uri) {
    URI proxy = find(uri);
    if (proxy == null) {
      return List.of(Proxy.NO_PROXY);
    }
    return List.of(
        new Proxy(Proxy.Type.HTTP, new InetSocketAddress(proxy.getHost(), Redirect.port(proxy))));
  }

  /** The host that a connection for this URL is made to, not looked up. */
  InetSocketAddress firstHop(URI uri) {
    URI proxy = find(uri);
    URI hop = proxy == null ? uri : proxy;
    return InetSocketAddress.createUnresolved(hop.getHost(), Redirect.port(hop));
  }

  /** What proves to the proxy of this URL who asks; null if it has none, or wants nothing. */
  @Nullable String authorization(URI uri) {
    URI proxy = find(uri);
    if (proxy == null || proxy.getRawUserInfo() == null) {
      return null;
    }
    // A plus sign is one in user information, but not to the decoder of forms.
    String user =
        URLDecoder.decode(proxy.getRawUserInfo().replace("+", "%2B"), StandardCharsets.UTF_8);
    String pair = user.contains(":") ? user : user + ":";
    return "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8));
  }

  private @Nullable URI find(URI uri) {
    boolean secure = "https".equalsIgnoreCase(uri.getScheme());
    String setting = secure ? settings.https() : settings.http();
    if (setting.isEmpty() || noProxy.covers(uri)) {
      return null;
    }
    return parse(setting, secure ? "https_proxy" : "http_proxy");
  }

  /** The text may hold a password, so it is not quoted. */
  private static URI parse(String text, String name) {
    URI proxy;
    try {
      proxy = new URI(text.contains("://") ? text : "http://" + text);
    } catch (URISyntaxException e) {
      throw new ImageException.FailedPrecondition(name + " is not a URL");
    }
    if (proxy.getHost() == null) {
      throw new ImageException.FailedPrecondition(name + " is not a URL with a host");
    }
    if (!proxy.getScheme().toLowerCase(Locale.ROOT).equals("http")) {
      throw new ImageException.FailedPrecondition(
          name + ": only proxies that are reached by http:// are supported");
    }
    return proxy;
  }

  /** What went wrong is told where the request was made. */
  @Override
  public void connectFailed(URI uri, SocketAddress address, IOException failure) {}
}
