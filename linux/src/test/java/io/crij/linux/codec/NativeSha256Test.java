package io.crij.linux.codec;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.MessageDigest;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class NativeSha256Test {
  @Test
  void computesWhatTheJdkDoes() throws Exception {
    assertThat(NativeSha256.isAvailable()).as("Debian: libssl3").isTrue();
    NativeSha256 sha256 = NativeSha256.create();
    MessageDigest expected = MessageDigest.getInstance("SHA-256");
    Random random = new Random(1);
    byte[] bytes = new byte[300_000];
    random.nextBytes(bytes);
    for (int round = 0; round < 50; round++) {
      for (int part = random.nextInt(5); part > 0; part--) {
        int from = random.nextInt(bytes.length);
        int count = random.nextInt(bytes.length - from);
        sha256.update(bytes, from, count);
        expected.update(bytes, from, count);
      }
      assertThat(sha256.digest()).isEqualTo(expected.digest());
    }
  }
}
