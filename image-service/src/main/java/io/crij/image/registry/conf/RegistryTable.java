package io.crij.image.registry.conf;

import io.crij.image.ImageException;
import io.crij.image.name.ImageReference;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One table {@code [[registry]]}: where the images below its prefix are pulled from. */
public final class RegistryTable {
  private static final Logger LOG = LoggerFactory.getLogger(RegistryTable.class);

  private static final String PREFIX = "prefix";
  private static final String LOCATION = "location";
  private static final String INSECURE = "insecure";
  private static final String BLOCKED = "blocked";
  private static final String MIRROR = "mirror";
  private static final String DIGEST_ONLY = "mirror-by-digest-only";
  private static final String PULL_FROM = "pull-from-mirror";
  private static final Set<String> KEYS =
      Set.of(PREFIX, LOCATION, INSECURE, BLOCKED, MIRROR, DIGEST_ONLY, PULL_FROM);
  private static final Set<String> MIRROR_KEYS = Set.of(LOCATION, INSECURE, PULL_FROM);

  private final TomlSection section;
  private final List<RegistryTable> before;
  private final Prefix prefix;

  /** Which references a mirror is asked for. */
  private enum PullFrom {
    ALL,
    DIGEST_ONLY,
    TAG_ONLY;

    boolean takes(ImageReference reference) {
      return switch (this) {
        case ALL -> true;
        case DIGEST_ONLY -> reference.digest() != null;
        case TAG_ONLY -> reference.digest() == null;
      };
    }

    String word() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  /**
   * @param before the tables before this one in its file
   * @throws ImageException.FailedPrecondition if it cannot be said which images it is for
   */
  RegistryTable(TomlSection section, List<RegistryTable> before) {
    this.section = section;
    this.before = List.copyOf(before);
    for (String key : section.keysBeside(KEYS)) {
      LOG.warn("{}: {}: unknown key, ignored", section.place(key), key);
    }
    String text = location(section, PREFIX);
    String key = text.isEmpty() ? LOCATION : PREFIX;
    text = location(section, key);
    if (text.isEmpty()) {
      throw section.malformed(PREFIX, "neither prefix nor location is set");
    }
    try {
      this.prefix = Prefix.parse(text);
    } catch (IllegalArgumentException e) {
      throw section.malformed(key, String.valueOf(e.getMessage()));
    }
  }

  String prefix() {
    return prefix.text();
  }

  boolean isFor(ImageReference reference) {
    return prefix.lengthIn(reference) >= 0;
  }

  /** {@code file:line}. */
  @Override
  public String toString() {
    return section.place();
  }

  /**
   * Where this image may be pulled from, in order: the mirrors that take such references, then the
   * primary location.
   *
   * @throws ImageException.PermissionDenied if pulling it is forbidden
   * @throws ImageException.FailedPrecondition naming file, line and key that are malformed
   */
  List<Location> locations(ImageReference reference) {
    check();
    List<Location> locations = new ArrayList<>();
    boolean digestOnly = section.flag(DIGEST_ONLY, false);
    for (TomlSection mirror : section.sections(MIRROR)) {
      PullFrom pullFrom = pullFrom(mirror, digestOnly);
      ImageReference there = rewrite(reference, mirror, location(mirror, LOCATION));
      if (pullFrom.takes(reference)) {
        locations.add(new Location(there, mirror.flag(INSECURE, false), false));
      }
    }
    String own = location(section, LOCATION);
    ImageReference there = own.isEmpty() ? reference : rewrite(reference, section, own);
    locations.add(new Location(there, section.flag(INSECURE, false), true));
    return locations;
  }

  /** Where this image is without rewriting and mirrors; fails as {@link #locations}. */
  Location ownLocation(ImageReference reference) {
    check();
    return new Location(reference, section.flag(INSECURE, false), true);
  }

  private void check() {
    if (location(section, LOCATION).isEmpty() && !prefix.isWildcard()) {
      throw section.malformed(LOCATION, "missing, and the prefix is not of the form *.example.com");
    }
    if (section.has(PULL_FROM)) {
      throw section.malformed(PULL_FROM, "belongs to a [[registry.mirror]]");
    }
    for (RegistryTable other : before) {
      if (Objects.equals(place(), other.place())) {
        for (String key : List.of(INSECURE, BLOCKED)) {
          if (section.flag(key, false) != other.section.flag(key, false)) {
            throw section.malformed(
                key, "another than at %s for the same location".formatted(other.section.place()));
          }
        }
      }
    }
    if (section.flag(BLOCKED, false)) {
      throw new ImageException.PermissionDenied(
          "registry %s is blocked in %s".formatted(prefix(), section.place(BLOCKED)));
    }
  }

  private String place() {
    String location = location(section, LOCATION);
    return location.isEmpty() ? prefix() : location;
  }

  private PullFrom pullFrom(TomlSection mirror, boolean digestOnly) {
    for (String key : mirror.keysBeside(MIRROR_KEYS)) {
      LOG.warn("{}: {}: unknown key, ignored", mirror.place(key), key);
    }
    if (location(mirror, LOCATION).isEmpty()) {
      throw mirror.malformed(LOCATION, "missing in a mirror of " + prefix());
    }
    String word = mirror.text(PULL_FROM);
    if (word == null || word.isEmpty()) {
      return digestOnly ? PullFrom.DIGEST_ONLY : PullFrom.ALL;
    }
    if (digestOnly) {
      throw mirror.malformed(PULL_FROM, "not allowed beside mirror-by-digest-only of the registry");
    }
    for (PullFrom value : PullFrom.values()) {
      if (value.word().equals(word)) {
        return value;
      }
    }
    throw mirror.malformed(PULL_FROM, "none of all, digest-only, tag-only");
  }

  /** Replaces the prefix of a reference by a location. */
  private ImageReference rewrite(ImageReference reference, TomlSection place, String location) {
    String text = Prefix.text(reference);
    String there = location + text.substring(prefix.lengthIn(reference));
    try {
      ImageReference rewritten = ImageReference.parse(there);
      if (ImageReference.nameOf(there).equals(there)) {
        throw place.malformed(LOCATION, "has neither tag nor digest, as the prefix has");
      }
      if (!ImageReference.isShort(there)) {
        return rewritten;
      }
    } catch (ImageException.InvalidArgument e) {
      throw place.malformed(LOCATION, String.valueOf(e.getMessage()));
    }
    throw place.malformed(LOCATION, "does not begin with a host");
  }

  /** Without slashes at its end; empty if absent. */
  private static String location(TomlSection section, String key) {
    String text = section.text(key);
    if (text == null) {
      return "";
    }
    if (text.startsWith("http://") || text.startsWith("https://")) {
      throw section.malformed(
          key, "a location is not a URL: write it without " + text.split("//", 2)[0] + "//");
    }
    return text.replaceAll("/+$", "");
  }
}
