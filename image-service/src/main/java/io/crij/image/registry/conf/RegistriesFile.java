package io.crij.image.registry.conf;

import io.crij.image.ImageException;
import io.crij.image.RegistryConfig.ShortNameMode;
import io.crij.image.name.ImageReference;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One file of registries.conf(5), version 2. Each setting is null if the file has none. */
final class RegistriesFile {
  private static final Logger LOG = LoggerFactory.getLogger(RegistriesFile.class);

  private static final String REGISTRY = "registry";
  private static final String SEARCH = "unqualified-search-registries";
  private static final String HELPERS = "credential-helpers";
  private static final String MODE = "short-name-mode";
  private static final String ALIASES = "aliases";
  private static final String VERSION_1 = "registries";
  private static final Set<String> KEYS =
      Set.of(REGISTRY, SEARCH, HELPERS, MODE, ALIASES, "additional-layer-store-auth-helper");

  private static final Pattern DOMAIN =
      Pattern.compile(
          "[a-zA-Z0-9.-]{1,255}+(?::[0-9]{1,5}+)?+|\\[[a-fA-F0-9:]++](?::[0-9]{1,5}+)?+");

  private final TomlSection root;
  private final Map<String, RegistryTable> registries;

  private RegistriesFile(TomlSection root, Map<String, RegistryTable> registries) {
    this.root = root;
    this.registries = registries;
  }

  /**
   * Reads a file as far as all pulls depend on it: its form, and the prefixes of its registries.
   *
   * @throws ImageException.FailedPrecondition naming file, line and key
   */
  static RegistriesFile read(Path file) throws NoSuchFileException {
    TomlSection root = TomlSection.read(file);
    if (root.has(VERSION_1)) {
      throw root.malformed(
          VERSION_1,
          "version 1 of registries.conf is not supported; its lists are unqualified-search-registries"
              + " and [[registry]] with insecure or blocked in version 2");
    }
    for (String key : root.keysBeside(KEYS)) {
      LOG.warn("{}: {}: unknown key, ignored", root.place(key), key);
    }
    List<TomlSection> sections = root.sections(REGISTRY);
    Map<String, RegistryTable> registries = new LinkedHashMap<>();
    List<RegistryTable> all = new ArrayList<>();
    for (TomlSection section : sections) {
      RegistryTable table = new RegistryTable(section, all);
      all.add(table);
      registries.putIfAbsent(table.prefix(), table);
    }
    return new RegistriesFile(root, registries);
  }

  /** By their prefixes. Of several with the same prefix the first counts. */
  Map<String, RegistryTable> registries() {
    return registries;
  }

  @Nullable List<String> searchRegistries() {
    if (!root.has(SEARCH)) {
      return null;
    }
    List<String> domains = new ArrayList<>();
    for (String text : root.texts(SEARCH)) {
      String domain = text.replaceAll("/+$", "");
      // Without a dot or a port it would be a namespace of Docker Hub.
      if (!DOMAIN.matcher(domain).matches() || ImageReference.isShort(domain + "/x")) {
        throw root.malformed(SEARCH, "'" + domain + "' is not a host with an optional port");
      }
      domains.add(domain);
    }
    return domains;
  }

  @Nullable List<String> credentialHelpers() {
    return root.has(HELPERS) ? root.texts(HELPERS) : null;
  }

  @Nullable ShortNameMode shortNameMode() {
    String text = root.text(MODE);
    if (text == null || text.isEmpty()) {
      return null;
    }
    for (ShortNameMode mode : ShortNameMode.values()) {
      if (mode.name().toLowerCase(Locale.ROOT).equals(text)) {
        return mode;
      }
    }
    throw root.malformed(MODE, "none of enforcing, permissive, disabled");
  }

  /** What a short name is an alias of; empty if an alias of an earlier file is erased. */
  @Nullable String alias(String name) {
    TomlSection aliases = root.section(ALIASES);
    String target = aliases == null ? null : aliases.text(name);
    if (aliases == null || target == null || target.isEmpty()) {
      return target;
    }
    try {
      ImageReference.parse(target);
    } catch (ImageException.InvalidArgument e) {
      throw aliases.malformed(name, String.valueOf(e.getMessage()));
    }
    if (ImageReference.isShort(target)) {
      throw aliases.malformed(name, "the alias names no registry");
    }
    if (!ImageReference.nameOf(target).equals(target)) {
      throw aliases.malformed(name, "an alias must have neither tag nor digest");
    }
    return target;
  }
}
