package io.crij.image.registry.hosts;

import io.crij.image.ImageException;
import io.crij.image.registry.conf.TomlSection;
import io.crij.image.registry.hosts.RegistryHost.Capability;
import io.crij.image.registry.tls.TlsSettings;
import io.crij.image.registry.tls.TlsSettings.ClientPair;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A {@code hosts.toml}: the mirrors of one registry in the file's order, then the registry itself.
 *
 * <pre>{@code
 * server = "https://registry.example"
 *
 * [host."https://mirror.example:5000"]
 *   capabilities = ["pull", "resolve"]
 *   ca = "mirror.crt"
 *   client = [["client.cert", "client.key"]]
 *   skip_verify = false
 *   override_path = false
 *   dial_timeout = "5s"
 *   [host."https://mirror.example:5000".header]
 *     x-team = ["blue"]
 * }</pre>
 */
final class HostsFile {
  private static final Logger LOG = LoggerFactory.getLogger(HostsFile.class);

  private static final String SERVER = "server";
  private static final String HOST = "host";
  private static final String CAPABILITIES = "capabilities";
  private static final String AUTHORITY = "ca";
  private static final String CLIENT = "client";
  private static final String SKIP_VERIFY = "skip_verify";
  private static final String HEADER = "header";
  private static final String OVERRIDE_PATH = "override_path";
  private static final String DIAL_TIMEOUT = "dial_timeout";
  private static final Set<String> HOST_KEYS =
      Set.of(CAPABILITIES, AUTHORITY, CLIENT, SKIP_VERIFY, HEADER, OVERRIDE_PATH, DIAL_TIMEOUT);

  private static final Pattern HEADER_NAME = Pattern.compile("[A-Za-z0-9!#$%&'*+.^_`|~-]{1,128}");
  private static final Pattern HEADER_VALUE = Pattern.compile("[\\t\\x20-\\x7e]*");

  /** Those that belong to the connection rather than to the request. */
  private static final Set<String> RESERVED_HEADERS =
      Set.of("connection", "content-length", "expect", "host", "transfer-encoding", "upgrade");

  private HostsFile() {}

  /**
   * Reads the file.
   *
   * @param server where the registry is unless the file says otherwise
   * @throws ImageException.FailedPrecondition naming file, line and key if anything is malformed
   */
  static List<RegistryHost> read(Path file, URI server) throws NoSuchFileException {
    TomlSection root = TomlSection.read(file);
    List<RegistryHost> hosts = new ArrayList<>();
    TomlSection mirrors = root.section(HOST);
    warnOfUnknownKeys(root, Set.of(SERVER, HOST));
    if (mirrors != null) {
      for (String url : mirrors.keys()) {
        TomlSection mirror = mirrors.section(url);
        if (mirror != null) {
          warnOfUnknownKeys(mirror, Set.of());
          hosts.add(host(mirror, url(mirrors, url, url, mirror), false));
        }
      }
    }
    String own = root.text(SERVER);
    hosts.add(host(root, own == null ? server : url(root, SERVER, own, root), true));
    return List.copyOf(hosts);
  }

  /** A key of a newer containerd must not break pulls, nor a misspelt one pass unseen. */
  private static void warnOfUnknownKeys(TomlSection section, Set<String> more) {
    for (String key : section.keysBeside(HOST_KEYS)) {
      if (!more.contains(key)) {
        LOG.warn("{}: {}: unknown key, ignored", section.place(key), key);
      }
    }
  }

  private static RegistryHost host(TomlSection section, URI base, boolean upstream) {
    return new RegistryHost(
        base,
        upstream,
        capabilities(section),
        tls(section),
        headers(section),
        dialTimeout(section),
        false);
  }

  private static URI url(TomlSection place, String key, String text, TomlSection options) {
    URI uri;
    try {
      uri = new URI(text.contains("://") ? text : "https://" + text);
    } catch (URISyntaxException e) {
      throw place.malformed(key, "not a URL: " + e.getReason());
    }
    if (uri.getHost() == null || !Set.of("http", "https").contains(uri.getScheme())) {
      throw place.malformed(key, "not a URL of a host with http or https");
    }
    if (uri.getRawUserInfo() != null || uri.getRawQuery() != null || uri.getRawFragment() != null) {
      throw place.malformed(key, "a URL with credentials, query or fragment is not supported");
    }
    String path = uri.normalize().getRawPath().replaceAll("/+$", "");
    if (!options.flag(OVERRIDE_PATH, false) && !path.endsWith("/v2")) {
      path += "/v2";
    }
    return URI.create(uri.getScheme() + "://" + uri.getRawAuthority() + path);
  }

  private static Set<Capability> capabilities(TomlSection section) {
    List<String> names = section.texts(CAPABILITIES);
    Set<Capability> capabilities = EnumSet.noneOf(Capability.class);
    for (String name : names) {
      capabilities.add(
          Arrays.stream(Capability.values())
              .filter(capability -> capability.key().equals(name))
              .findFirst()
              .orElseThrow(
                  () -> section.malformed(CAPABILITIES, "not one of pull, resolve, push")));
    }
    return names.isEmpty() ? EnumSet.allOf(Capability.class) : capabilities;
  }

  private static TlsSettings tls(TomlSection section) {
    List<Path> authorities =
        section.texts(AUTHORITY).stream().map(name -> path(section, AUTHORITY, name)).toList();
    List<ClientPair> clients = new ArrayList<>();
    for (List<String> pair : section.nestedTexts(CLIENT)) {
      if (pair.isEmpty() || pair.size() > 2) {
        throw section.malformed(CLIENT, "not a certificate, or a certificate and its key");
      }
      Path certificate = path(section, CLIENT, pair.getFirst());
      boolean separate = pair.size() == 2 && !pair.getLast().isEmpty();
      clients.add(
          new ClientPair(
              certificate, separate ? path(section, CLIENT, pair.getLast()) : certificate));
    }
    return new TlsSettings(authorities, clients, section.flag(SKIP_VERIFY, false));
  }

  /** Relative names are relative to the file's folder. */
  private static Path path(TomlSection section, String key, String name) {
    if (name.isEmpty() || name.indexOf('\0') >= 0) {
      throw section.malformed(key, "not the name of a file");
    }
    return section.file().resolveSibling(name);
  }

  private static Map<String, List<String>> headers(TomlSection section) {
    Map<String, List<String>> headers = new LinkedHashMap<>();
    TomlSection table = section.section(HEADER);
    if (table == null) {
      return headers;
    }
    for (String name : table.keys()) {
      if (!HEADER_NAME.matcher(name).matches()
          || RESERVED_HEADERS.contains(name.toLowerCase(Locale.ROOT))) {
        throw table.malformed(name, "not a header that can be set");
      }
      headers.put(name, headerValues(table, name));
    }
    return headers;
  }

  private static List<String> headerValues(TomlSection table, String name) {
    List<String> values = table.texts(name);
    if (!values.stream().allMatch(value -> HEADER_VALUE.matcher(value).matches())) {
      throw table.malformed(name, "a header's value must be printable ASCII");
    }
    return values;
  }

  private static Duration dialTimeout(TomlSection section) {
    String text = section.text(DIAL_TIMEOUT);
    if (text == null) {
      return RegistryHost.CONNECT_TIMEOUT;
    }
    try {
      Duration timeout = Duration.parse("PT" + text);
      if (timeout.isPositive()) {
        return timeout;
      }
    } catch (DateTimeParseException e) {
      // said below
    }
    throw section.malformed(DIAL_TIMEOUT, "not a time such as \"5s\" or \"1m30s\"");
  }
}
