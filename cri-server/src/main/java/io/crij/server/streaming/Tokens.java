package io.crij.server.streaming;

import io.crij.runtime.ServiceException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The tokens that were given out and not used: the only thing that guards a stream. They are looked
 * up by their digest, so the time a search takes tells nothing of them.
 */
final class Tokens {
  static final int MOST = 1000;
  static final Duration LIFE = Duration.ofSeconds(60);

  private static final int BYTES = 32;

  private record Given(Grant grant, long until) {}

  private final SecureRandom random = new SecureRandom();
  private final Map<String, Given> given = new LinkedHashMap<>();
  private final LongSupplier nanoTime;

  /**
   * @param nanoTime as {@link System#nanoTime}
   */
  Tokens(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
  }

  /**
   * Gives out a token.
   *
   * @throws ServiceException.ResourceExhausted when too many were given out and not used
   */
  synchronized String give(Grant grant) {
    dropExpired();
    if (given.size() >= MOST) {
      throw new ServiceException.ResourceExhausted(
          MOST + " streams were asked for in the last " + LIFE.toSeconds() + " s and not opened");
    }
    byte[] bytes = new byte[BYTES];
    random.nextBytes(bytes);
    String token = Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    given.put(digest(token), new Given(grant, nanoTime.getAsLong() + LIFE.toNanos()));
    return token;
  }

  /**
   * Uses a token up.
   *
   * @param path what it is used for; a token for anything else is used up all the same
   * @return null when it is none, was used or is too old
   */
  synchronized @Nullable Grant use(String path, String token) {
    Given found = given.remove(digest(token));
    if (found == null || found.until() - nanoTime.getAsLong() <= 0) {
      return null;
    }
    return found.grant().path().equals(path) ? found.grant() : null;
  }

  /** The oldest come first. */
  private void dropExpired() {
    long now = nanoTime.getAsLong();
    Iterator<Given> oldest = given.values().iterator();
    while (oldest.hasNext() && oldest.next().until() - now <= 0) {
      oldest.remove();
    }
  }

  private static String digest(String token) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
