package io.crij.linux.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.Random;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

final class NativeCiphersTest {
  private static final String NAME = "AES/GCM/NoPadding";

  private final Random random = new Random(1);

  @BeforeAll
  static void install() {
    assertThat(LibcryptoCipher.isUsable()).as("Debian: libssl3").isTrue();
    NativeCiphers.install();
    NativeCiphers.install();
  }

  private byte[] bytes(int count) {
    byte[] bytes = new byte[count];
    random.nextBytes(bytes);
    return bytes;
  }

  private static Cipher begin(Cipher cipher, int mode, byte[] key, byte[] nonce)
      throws GeneralSecurityException {
    cipher.init(mode, new SecretKeySpec(key, "AES"), new GCMParameterSpec(128, nonce));
    return cipher;
  }

  @Test
  void doesWhatTheJdkDoes() throws Exception {
    Cipher ours = Cipher.getInstance(NAME);
    for (int round = 0; round < 200; round++) {
      byte[] key = bytes(round % 2 == 0 ? 16 : 32);
      byte[] nonce = bytes(12);
      byte[] associated = bytes(random.nextInt(40));
      byte[] text = bytes(random.nextInt(40_000));
      Cipher jdk = begin(Cipher.getInstance(NAME, "SunJCE"), Cipher.ENCRYPT_MODE, key, nonce);
      jdk.updateAAD(associated);
      byte[] sealed = jdk.doFinal(text);
      begin(ours, Cipher.ENCRYPT_MODE, key, nonce).updateAAD(associated);
      assertThat(ours.doFinal(text)).isEqualTo(sealed);
      begin(ours, Cipher.DECRYPT_MODE, key, nonce).updateAAD(ByteBuffer.wrap(associated));
      assertThat(ours.getProvider().getName()).isEqualTo("CRI-J");
      int half = sealed.length / 2;
      assertThat(ours.update(sealed, 0, half)).isNullOrEmpty();
      assertThat(ours.doFinal(sealed, half, sealed.length - half)).isEqualTo(text);
    }
  }

  /** As the JDK's TLS does: record after record, one key, output where the input is. */
  @Test
  void decryptsWhereItLies() throws Exception {
    byte[] key = bytes(16);
    Cipher ours = Cipher.getInstance(NAME);
    for (int record = 0; record < 50; record++) {
      byte[] nonce = bytes(12);
      byte[] text = bytes(16_384);
      Cipher jdk = begin(Cipher.getInstance(NAME, "SunJCE"), Cipher.ENCRYPT_MODE, key, nonce);
      ByteBuffer place = ByteBuffer.wrap(jdk.doFinal(text));
      begin(ours, Cipher.DECRYPT_MODE, key, nonce);
      assertThat(ours.doFinal(place, place.duplicate())).isEqualTo(text.length);
      assertThat(Arrays.copyOf(place.array(), text.length)).isEqualTo(text);
    }
  }

  @Test
  void refusesWhatWasChanged() throws Exception {
    byte[] key = bytes(32);
    byte[] nonce = bytes(12);
    Cipher ours = Cipher.getInstance(NAME);
    begin(ours, Cipher.ENCRYPT_MODE, key, nonce).updateAAD(new byte[] {1});
    byte[] sealed = ours.doFinal(bytes(1000));
    for (int at : new int[] {0, 999, 1000, 1015}) {
      byte[] changed = sealed.clone();
      changed[at] ^= 1;
      begin(ours, Cipher.DECRYPT_MODE, key, nonce).updateAAD(new byte[] {1});
      assertThatThrownBy(() -> ours.doFinal(changed)).isInstanceOf(AEADBadTagException.class);
    }
    begin(ours, Cipher.DECRYPT_MODE, key, nonce).updateAAD(new byte[] {2});
    assertThatThrownBy(() -> ours.doFinal(sealed)).isInstanceOf(AEADBadTagException.class);
    begin(ours, Cipher.DECRYPT_MODE, key, nonce);
    assertThatThrownBy(() -> ours.doFinal(new byte[15])).isInstanceOf(AEADBadTagException.class);
    begin(ours, Cipher.DECRYPT_MODE, key, nonce).updateAAD(new byte[] {1});
    assertThat(ours.doFinal(sealed)).hasSize(1000);
  }

  /** One nonce for two messages would give both away. */
  @Test
  void refusesToUseANonceTwice() throws Exception {
    byte[] key = bytes(16);
    byte[] nonce = bytes(12);
    Cipher ours = begin(Cipher.getInstance(NAME), Cipher.ENCRYPT_MODE, key, nonce);
    assertThat(ours.doFinal(bytes(10))).hasSize(26);
    assertThatThrownBy(() -> ours.doFinal(bytes(10))).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> begin(ours, Cipher.ENCRYPT_MODE, key, nonce))
        .isInstanceOf(GeneralSecurityException.class);
  }

  @Test
  void leavesWhatItDoesNotKnowToTheJdk() throws Exception {
    Cipher cipher = begin(Cipher.getInstance(NAME), Cipher.ENCRYPT_MODE, bytes(24), bytes(12));
    assertThat(cipher.getProvider().getName()).isEqualTo("SunJCE");
    cipher = begin(Cipher.getInstance(NAME), Cipher.ENCRYPT_MODE, bytes(16), bytes(16));
    assertThat(cipher.getProvider().getName()).isEqualTo("SunJCE");
  }
}
