package io.crij.server.streaming;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.crij.cri.v1.ExecRequest;
import io.crij.runtime.ServiceException;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

final class TokensTest {
  private static final Grant GRANT = new Grant.Exec(ExecRequest.getDefaultInstance());

  private final AtomicLong now = new AtomicLong(Long.MAX_VALUE - 5); // the clock may wrap
  private final Tokens tokens = new Tokens(now::get);

  @Test
  void aTokenIsGoodOnce() {
    String token = tokens.give(GRANT);
    assertThat(tokens.use("exec", token)).isSameAs(GRANT);
    assertThat(tokens.use("exec", token)).isNull();
  }

  @Test
  void aTokenTriedElsewhereIsUsedUp() {
    String token = tokens.give(GRANT);
    assertThat(tokens.use("attach", token)).isNull();
    assertThat(tokens.use("exec", token)).isNull();
  }

  @Test
  void aTokenIsGoodForAMinute() {
    String first = tokens.give(GRANT);
    String second = tokens.give(GRANT);
    now.addAndGet(Tokens.LIFE.toNanos() - 1);
    assertThat(tokens.use("exec", first)).isNotNull();
    now.addAndGet(1);
    assertThat(tokens.use("exec", second)).isNull();
  }

  @Test
  void tokensAreLongAndDiffer() {
    Set<String> given = new HashSet<>();
    for (int i = 0; i < Tokens.MOST; i++) {
      String token = tokens.give(GRANT);
      assertThat(token).matches("[-_A-Za-z0-9]{43}");
      given.add(token);
    }
    assertThat(given).hasSize(Tokens.MOST);
  }

  @Test
  void theirNumberIsBoundedUntilTheyExpire() {
    for (int i = 0; i < Tokens.MOST; i++) {
      tokens.give(GRANT);
    }
    assertThatExceptionOfType(ServiceException.ResourceExhausted.class)
        .isThrownBy(() -> tokens.give(GRANT));
    now.addAndGet(Duration.ofSeconds(61).toNanos());
    assertThat(tokens.give(GRANT)).isNotEmpty();
  }
}
