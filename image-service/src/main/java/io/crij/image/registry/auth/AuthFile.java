package io.crij.image.registry.auth;

import io.crij.image.ImageException;
import io.crij.image.manifest.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A file of credentials: containers-auth.json(5), Docker's {@code config.json}, or its older {@code
 * .dockercfg}, which is the map of {@code auths} alone. An entry is read when it is asked for, so a
 * mistake in one stops nobody else.
 */
final class AuthFile {
  private static final String LEGACY_NAME = ".dockercfg";
  private static final String AUTHS = "auths";
  private static final String HELPERS = "credHelpers";
  private static final String STORE = "credsStore";

  /** Under which Docker keeps the credentials of Docker Hub. */
  private static final String DOCKER_HUB_KEY = "https://index.docker.io/v1/";

  private final Path file;
  private final boolean legacy;
  private final JsonObject json;

  /** A helper that knows, and by which name it knows the server. */
  record HelperQuestion(String helper, String server) {}

  private AuthFile(Path file, JsonObject json) {
    this.file = file;
    this.legacy = file.endsWith(LEGACY_NAME);
    this.json = json;
  }

  /**
   * @return null if there is no such file
   * @throws ImageException.FailedPrecondition naming the file, if it cannot be read or is no JSON
   */
  static @Nullable AuthFile read(Path file) {
    try {
      if (Files.size(file) > JsonObject.LONGEST) {
        throw new ImageException.FailedPrecondition(file + ": too long");
      }
      return new AuthFile(file, JsonObject.parse(Files.readAllBytes(file), file.toString()));
    } catch (NoSuchFileException e) {
      return null;
    } catch (IOException e) {
      throw new ImageException.FailedPrecondition("cannot read " + file + ": " + e, e);
    }
  }

  /** The helper for this registry alone; null if there is none. */
  @Nullable HelperQuestion helper(String registry) {
    JsonObject helpers = legacy ? null : json.optionalObject(HELPERS);
    if (helpers == null) {
      return null;
    }
    for (String key : helpers.names()) {
      if (key.equals(registry) || normalized(key).equals(DockerHub.canonical(registry))) {
        return new HelperQuestion(helpers.text(key), key);
      }
    }
    return null;
  }

  /** Docker's helper for all registries; null if there is none. */
  @Nullable HelperQuestion store(String registry) {
    String store = legacy ? null : json.optionalText(STORE);
    return store == null || store.isEmpty()
        ? null
        : new HelperQuestion(store, DockerHub.is(registry) ? DOCKER_HUB_KEY : registry);
  }

  /**
   * The entry of a repository, of the namespaces it is in from the inmost on, or of its registry.
   *
   * @param repository {@code host[:port]/path}
   */
  Credentials find(String repository) {
    JsonObject auths = legacy ? json : json.optionalObject(AUTHS);
    if (auths == null) {
      return Credentials.NONE;
    }
    int slash = repository.indexOf('/');
    String registry = slash < 0 ? repository : repository.substring(0, slash);
    for (String key : keys(repository, auths.names(), registry)) {
      Credentials credentials = entry(auths, key);
      if (!credentials.equals(Credentials.NONE)) {
        return credentials;
      }
    }
    return Credentials.NONE;
  }

  /** Those that are there and may be meant, the best first. */
  private List<String> keys(String repository, List<String> names, String registry) {
    List<String> keys = new ArrayList<>();
    String key = legacy ? registry : repository;
    while (!key.isEmpty()) {
      if (names.contains(key)) {
        keys.add(key);
      }
      key = key.substring(0, Math.max(key.lastIndexOf('/'), 0));
    }
    for (String name : names) {
      if (normalized(name).equals(DockerHub.canonical(registry)) && !keys.contains(name)) {
        keys.add(name);
      }
    }
    return keys;
  }

  /** The host that an older key means, which may be a URL. */
  private String normalized(String key) {
    String host = key.replaceFirst("^https?://", "");
    boolean url = legacy || host.length() != key.length();
    int slash = host.indexOf('/');
    return DockerHub.canonical(url && slash >= 0 ? host.substring(0, slash) : host);
  }

  private Credentials entry(JsonObject auths, String key) {
    JsonObject entry = auths.optionalObject(key);
    if (entry == null) {
      return Credentials.NONE;
    }
    String registryToken = text(entry, "registrytoken");
    if (!registryToken.isEmpty()) {
      if (!Credentials.HEADER_SAFE.matcher(registryToken).matches()) {
        throw entry.malformed("registrytoken", "cannot stand in a header");
      }
      return new Credentials.RegistryToken(registryToken);
    }
    String identityToken = text(entry, "identitytoken");
    if (!identityToken.isEmpty()) {
      return new Credentials.IdentityToken(identityToken);
    }
    String auth = text(entry, "auth");
    if (!auth.isEmpty()) {
      return decode(entry, auth);
    }
    String user = text(entry, "username");
    return user.isEmpty()
        ? Credentials.NONE
        : new Credentials.Password(user, text(entry, "password"));
  }

  /** Without what is wrong with it: it is a secret. */
  private static Credentials decode(JsonObject entry, String auth) {
    String pair;
    try {
      pair = new String(Base64.getDecoder().decode(auth.strip()), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw entry.malformed("auth", "not Base64");
    }
    int colon = pair.indexOf(':');
    if (colon <= 0) {
      throw entry.malformed("auth", "not Base64 of a name, a colon and a password");
    }
    // Some tools fill it up with zero bytes.
    String password = pair.substring(colon + 1).replaceAll("^\0+|\0+$", "");
    return new Credentials.Password(pair.substring(0, colon), password);
  }

  private static String text(JsonObject entry, String field) {
    String text = entry.optionalText(field);
    return text == null ? "" : text;
  }

  /** For messages. */
  @Override
  public String toString() {
    return file.toString();
  }
}
