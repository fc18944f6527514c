package io.crij.image.registry.session;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a token is for (distribution project, "Token Scope Documentation").
 *
 * @param repository as we know it
 * @param actions such as {@code pull}, or {@code pull,push}
 * @param mountable another repository that is to be pulled from; null for none
 */
public record Scope(String repository, String actions, @Nullable String mountable) {
  private static final Pattern REPOSITORY_SCOPE =
      Pattern.compile("repository:([a-z0-9][a-z0-9._/-]{0,254}):[a-z,*]+");

  public static Scope pull(String repository) {
    return new Scope(repository, "pull", null);
  }

  public static Scope push(String repository, @Nullable String mountable) {
    return new Scope(repository, "pull,push", mountable);
  }

  /**
   * The parameters of a request. A mirror may know the repository by another name, so the name is
   * the registry's to say, but not what is to be done there.
   *
   * @param proposed of the challenge
   */
  String query(@Nullable String proposed) {
    Matcher matcher = REPOSITORY_SCOPE.matcher(proposed == null ? "" : proposed);
    String name = matcher.matches() ? matcher.group(1) : repository;
    String query = "scope=" + encoded("repository:" + name + ":" + actions);
    return mountable == null
        ? query
        : query + "&scope=" + encoded("repository:" + mountable + ":pull");
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }
}
