package io.crij.server.jvm;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class RestTest {
  private final Rest rest = new Rest();

  @Test
  void comesOnceAfterWork() {
    assertThat(seconds(3)).as("it works").isFalse();
    assertThat(seconds(5)).as("it works").isFalse();
    assertThat(seconds(5.2)).isTrue();
    assertThat(seconds(5.2)).isFalse();
    assertThat(seconds(5.4)).isFalse();
    assertThat(seconds(8)).as("it works again").isFalse();
    assertThat(seconds(8.1)).isTrue();
  }

  @Test
  void littleWorkAddsUp() {
    assertThat(seconds(0.4)).isFalse();
    assertThat(seconds(0.8)).isFalse();
    assertThat(seconds(1.2)).isTrue();
    assertThat(seconds(1.6)).isFalse();
  }

  private boolean seconds(double cpu) {
    return rest.isAfterWork(Duration.ofMillis(Math.round(cpu * 1000)));
  }
}
