package io.crij.image.registry.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ChallengeTest {
  private static Challenge challenge(String scheme, String... parameters) {
    Map<String, String> map = new java.util.HashMap<>();
    for (int i = 0; i < parameters.length; i += 2) {
      map.put(parameters[i], parameters[i + 1]);
    }
    return new Challenge(scheme, map);
  }

  static Stream<Arguments> headers() {
    return Stream.of(
        Arguments.of(
            "Bearer realm=\"https://a/token\",service=\"s\",scope=\"repository:a/b:pull,push\"",
            List.of(
                challenge(
                    "bearer",
                    "realm",
                    "https://a/token",
                    "service",
                    "s",
                    "scope",
                    "repository:a/b:pull,push"))),
        Arguments.of("Basic realm=x", List.of(challenge("basic", "realm", "x"))),
        Arguments.of("Basic", List.of(challenge("basic"))),
        Arguments.of(
            "Negotiate, Basic realm=\"a, b\" , Bearer REALM = \"q\\\"r\"",
            List.of(
                challenge("negotiate"),
                challenge("basic", "realm", "a, b"),
                challenge("bearer", "realm", "q\"r"))),
        Arguments.of(
            "Negotiate abc==, Basic realm=\"x\"",
            List.of(challenge("negotiate"), challenge("basic", "realm", "x"))),
        Arguments.of(
            "Bearer realm=\"first\",realm=\"second\"",
            List.of(challenge("bearer", "realm", "first"))),
        Arguments.of("", List.of()),
        Arguments.of(" , ,", List.of()),
        Arguments.of("Bearer realm=\"unclosed", List.of(challenge("bearer"))),
        Arguments.of("\"Bearer\" realm=x", List.of()),
        Arguments.of("Bearer" + "x".repeat(20_000), List.of()));
  }

  @ParameterizedTest
  @MethodSource("headers")
  void reads(String header, List<Challenge> expected) {
    assertThat(Challenge.parse(List.of(header))).startsWith(expected.toArray(Challenge[]::new));
  }

  @Test
  void readsSeveralHeaders() {
    assertThat(Challenge.parse(List.of("Basic realm=a", "Bearer realm=b")))
        .extracting(Challenge::scheme)
        .containsExactly("basic", "bearer");
  }

  @Test
  void isBoundedInNumberAndTime() {
    assertThat(Challenge.parse(List.of("a, ".repeat(5000)))).hasSizeLessThanOrEqualTo(16);
    Random random = new Random(10214);
    String alphabet = "aB=\", \t\\/:.é";
    Instant begin = Instant.now();
    for (int round = 0; round < 20_000; round++) {
      StringBuilder text = new StringBuilder();
      for (int i = random.nextInt(60); i >= 0; i--) {
        text.append(alphabet.charAt(random.nextInt(alphabet.length())));
      }
      assertThat(Challenge.parse(List.of(text.toString()))).hasSizeLessThanOrEqualTo(16);
    }
    assertThat(Challenge.parse(List.of("Bearer a=\"" + "\\x".repeat(8000)))).isNotNull();
    assertThat(Duration.between(begin, Instant.now())).isLessThan(Duration.ofMinutes(2));
  }
}
