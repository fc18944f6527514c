package io.crij.monitor.framing;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class CriTimestampTest {
  private static final DateTimeFormatter FORMAT =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.nnnnnnnnn'Z'").withZone(ZoneOffset.UTC);

  @Test
  void writesAnyTimeAsTheJdkDoes() {
    CriTimestamp timestamp = new CriTimestamp();
    byte[] bytes = new byte[CriTimestamp.BYTES];
    Random random = new Random(7);
    for (int i = 0; i < 20_000; i++) {
      Instant time =
          Instant.ofEpochSecond(
              random.nextLong(-1_000_000_000L, 10_000_000_000L), random.nextInt(1_000_000_000));
      timestamp.write(bytes, time.getEpochSecond(), time.getNano());
      String text = FORMAT.format(time.atZone(ZoneOffset.UTC).withNano(0)).substring(0, 20);
      String nanos = "%09d".formatted(time.getNano());
      assertThat(new String(bytes, StandardCharsets.US_ASCII)).isEqualTo(text + nanos + "Z");
    }
  }
}
