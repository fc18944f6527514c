package io.crij.image.name;

import io.crij.image.ImageException;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The name of an image at a registry: {@code domain/path[:tag][@digest]}, in the grammar of the
 * distribution project's {@code reference} package. At least one of tag and digest is present. When
 * both are, the digest says what is meant and the tag is for people.
 *
 * @param domain the registry, a host name, IPv4 address or bracketed IPv6 address with an optional
 *     port; {@code docker.io} for Docker Hub
 * @param path the repository at that registry, at most 255 characters
 * @param tag at most 128 characters
 */
public record ImageReference(
    String domain, String path, @Nullable String tag, @Nullable Digest digest) {
  /** The registry of a name that names none. */
  public static final String DOCKER_HUB = "docker.io";

  private static final String DOCKER_HUB_INDEX = "index.docker.io";
  private static final String OFFICIAL = "library/";
  private static final String DEFAULT_TAG = "latest";

  private static final int LONGEST_TEXT = 1024;
  private static final int LONGEST_DOMAIN = 261; // a DNS name of 255 characters, colon, port
  private static final int LONGEST_PATH = 255;

  // Possessive quantifiers: no input can make these backtrack.
  private static final Pattern DOMAIN =
      Pattern.compile(
          "(?:[a-zA-Z0-9]++(?:-++[a-zA-Z0-9]++)*+(?:\\.[a-zA-Z0-9]++(?:-++[a-zA-Z0-9]++)*+)*+"
              + "|\\[[a-fA-F0-9:]++])(?::[0-9]{1,5}+)?+");
  private static final String COMPONENT = "[a-z0-9]++(?:(?:\\.|__?|-++)[a-z0-9]++)*+";
  private static final Pattern PATH = Pattern.compile(COMPONENT + "(?:/" + COMPONENT + ")*+");
  private static final Pattern TAG = Pattern.compile("[a-zA-Z0-9_][a-zA-Z0-9_.-]{0,127}+");
  private static final Pattern IMAGE_ID = Pattern.compile("[a-f0-9]{64}");

  public ImageReference {
    require(domain.length() <= LONGEST_DOMAIN, "registry name is too long", domain);
    require(DOMAIN.matcher(domain).matches(), "malformed registry name", domain);
    require(path.length() <= LONGEST_PATH, "repository name is too long", path);
    require(PATH.matcher(path).matches(), "malformed repository name (lower case only)", path);
    require(tag == null || TAG.matcher(tag).matches(), "malformed tag", tag);
    require(tag != null || digest != null, "neither tag nor digest", path);
  }

  /**
   * Reads a reference as people write it. A name without a registry is at Docker Hub, one without a
   * namespace there is in {@code library}, and one without tag and digest has the tag {@code
   * latest}: {@code busybox} is {@code docker.io/library/busybox:latest}.
   *
   * @throws ImageException.InvalidArgument if it is no reference; 64 hexadecimal digits are none,
   *     because they name an image by its id
   */
  public static ImageReference parse(String text) {
    require(text.length() <= LONGEST_TEXT, "reference is too long", text);
    require(!IMAGE_ID.matcher(text).matches(), "an image id is not a reference", text);
    int at = text.indexOf('@');
    Digest digest = at < 0 ? null : Digest.parse(text.substring(at + 1));
    String rest = at < 0 ? text : text.substring(0, at);
    String name = nameOf(text);
    String tag = name.equals(rest) ? null : rest.substring(name.length() + 1);
    if (tag == null && digest == null) {
      tag = DEFAULT_TAG;
    }
    int slash = name.indexOf('/');
    if (slash < 0 || !isDomain(name.substring(0, slash))) {
      return atDockerHub(name, tag, digest);
    }
    String domain = name.substring(0, slash);
    String path = name.substring(slash + 1);
    return domain.equals(DOCKER_HUB) || domain.equals(DOCKER_HUB_INDEX)
        ? atDockerHub(path, tag, digest)
        : new ImageReference(domain, path, tag, digest);
  }

  /** Whether a well-formed reference names no registry. */
  public static boolean isShort(String text) {
    int slash = text.indexOf('/');
    return slash < 0 || !isDomain(text.substring(0, slash));
  }

  /** A well-formed reference without its tag and digest. */
  public static String nameOf(String text) {
    int at = text.indexOf('@');
    String rest = at < 0 ? text : text.substring(0, at);
    int colon = rest.indexOf(':', rest.lastIndexOf('/') + 1);
    return colon < 0 ? rest : rest.substring(0, colon);
  }

  private static ImageReference atDockerHub(
      String path, @Nullable String tag, @Nullable Digest digest) {
    return new ImageReference(DOCKER_HUB, path.contains("/") ? path : OFFICIAL + path, tag, digest);
  }

  /** Whether the first part of a name is a registry rather than a namespace of Docker Hub. */
  private static boolean isDomain(String first) {
    return first.contains(".")
        || first.contains(":")
        || first.equals("localhost")
        || !first.equals(first.toLowerCase(Locale.ROOT));
  }

  /** {@code domain/path}. */
  public String name() {
    return domain + "/" + path;
  }

  /**
   * {@code domain/path:tag}, as in the CRI's {@code repo_tags}. Absent when the reference has a
   * digest: nothing then says that the tag means the same image.
   */
  public @Nullable String repoTag() {
    return tag == null || digest != null ? null : name() + ":" + tag;
  }

  /** {@code domain/path@digest}, as in the CRI's {@code repo_digests}. */
  public String repoDigest(Digest manifest) {
    return name() + "@" + manifest;
  }

  /** The same repository at this digest; the tag is kept. */
  public ImageReference withDigest(Digest manifest) {
    return new ImageReference(domain, path, tag, manifest);
  }

  /** All of it: {@code domain/path[:tag][@digest]}. */
  @Override
  public String toString() {
    return name() + (tag == null ? "" : ":" + tag) + (digest == null ? "" : "@" + digest);
  }

  private static void require(boolean condition, String complaint, @Nullable String text) {
    if (!condition) {
      throw new ImageException.InvalidArgument(
          complaint + ": " + Quoted.of(text == null ? "" : text));
    }
  }
}
