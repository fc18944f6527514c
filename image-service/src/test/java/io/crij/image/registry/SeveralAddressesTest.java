package io.crij.image.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crij.image.ImageException;
import io.crij.image.manifest.Descriptor;
import io.crij.image.registry.fake.FakeRegistry;
import io.crij.image.registry.fake.SilentHost;
import io.crij.image.registry.fake.TestNames;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A registry whose name has several addresses, not all of which lead to it. */
final class SeveralAddressesTest {
  private static final byte[] CONTENT = new byte[100_000];

  /** Of the documentation: nobody has it (RFC 3849). */
  private static final String DEAD_IPV6 = "2001:db8::1";

  private final FakeRegistry registry = FakeRegistry.plain();
  private final Descriptor blob = registry.blob(Pulls.REPOSITORY, CONTENT);
  private final int port = URI.create(registry.url()).getPort();
  @TempDir Path folder;

  @AfterEach
  void stop() {
    registry.close();
  }

  private byte[] fetch(String name, String dialTimeout) throws IOException {
    String url = "http://" + name + ":" + port;
    Pulls node =
        new Pulls(folder, name + ":" + port)
            .hosts("server = \"%s\"\ndial_timeout = \"%s\"\n".formatted(url, dialTimeout));
    try (ImageSource source = node.open(":v1");
        InputStream stream = source.blob(blob)) {
      return stream.readAllBytes();
    }
  }

  /** The second is refused, the third keeps silent, as a router that drops what it is sent. */
  @ParameterizedTest
  @ValueSource(strings = {DEAD_IPV6, "127.0.0.9", "127.0.0.8"})
  void theAddressThatAnswersIsUsed(String dead) throws IOException {
    String name = "several-" + dead.replaceAll("[.:]", "-") + ".test";
    TestNames.define(name, List.of(dead, "127.0.0.1"));
    try (SilentHost _ = SilentHost.at("127.0.0.8", port)) {
      Instant begin = Instant.now();
      assertThat(fetch(name, "10m")).isEqualTo(CONTENT);
      assertThat(Duration.between(begin, Instant.now())).isLessThan(Duration.ofMinutes(1));
    }
  }

  @Test
  void theFirstIsUsedWhenItAnswers() throws IOException {
    TestNames.define("first.test", List.of("127.0.0.1", "127.0.0.7"));
    try (SilentHost _ = SilentHost.at("127.0.0.7", port)) {
      assertThat(fetch("first.test", "1m")).isEqualTo(CONTENT);
      assertThat(registry.seen()).hasSize(1);
    }
  }

  @Test
  void anAddressThatHasGoneIsReplacedByTheOther() throws IOException {
    TestNames.define("moving.test", List.of("127.0.0.6", DEAD_IPV6));
    FakeRegistry before = FakeRegistry.plainAt("127.0.0.6", port);
    before.blob(Pulls.REPOSITORY, CONTENT);
    assertThat(fetch("moving.test", "1m")).isEqualTo(CONTENT);
    assertThat(before.seen()).hasSize(1);
    before.close();
    TestNames.define("moving.test", List.of("127.0.0.6", "127.0.0.1"));
    assertThat(fetch("moving.test", "1m")).isEqualTo(CONTENT);
    assertThat(registry.seen()).hasSize(1);
  }

  @Test
  void whatEachAddressSaidIsTold() {
    TestNames.define("gone.test", List.of("127.0.0.4", "127.0.0.5"));
    assertThatThrownBy(() -> fetch("gone.test", "1m"))
        .isInstanceOf(ImageException.Unavailable.class)
        .hasMessageContaining("127.0.0.4: Connection refused, 127.0.0.5: Connection refused");
  }

  @Test
  void aHostThatKeepsSilentAtAllAddressesIsGivenUp() throws IOException {
    TestNames.define("mute.test", List.of("127.0.0.2", "127.0.0.3"));
    try (SilentHost _ = SilentHost.at("127.0.0.2", port);
        SilentHost _ = SilentHost.at("127.0.0.3", port)) {
      assertThatThrownBy(() -> fetch("mute.test", "0.7s"))
          .isInstanceOf(ImageException.Unavailable.class)
          .hasMessageContaining("connection timed out");
    }
  }
}
