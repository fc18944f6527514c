package io.crij.linux.codec;

import com.sun.jna.Native;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** OpenSSL's ciphers (EVP_EncryptInit(3)); the same functions in its versions 1.1 and 3. */
final class LibcryptoCipher {
  static final int SET_IV_LENGTH = 0x9;
  static final int GET_TAG = 0x10;
  static final int SET_TAG = 0x11;

  private static final List<String> NAMES = List.of("libcrypto.so.3", "libcrypto.so.1.1");
  private static final boolean USABLE = load();

  private LibcryptoCipher() {}

  static native long EVP_CIPHER_CTX_new();

  static native void EVP_CIPHER_CTX_free(long context);

  static native long EVP_aes_128_gcm();

  static native long EVP_aes_256_gcm();

  static native int EVP_CipherInit_ex(
      long context,
      long cipher,
      long engine,
      byte @Nullable [] key,
      byte @Nullable [] iv,
      int encrypt);

  static native int EVP_CIPHER_CTX_ctrl(long context, int type, int argument, long pointer);

  static native int EVP_CipherUpdate(long context, long out, int[] outSize, long in, int inSize);

  static native int EVP_CipherFinal_ex(long context, long out, int[] outSize);

  /** Whether the library is there. */
  static boolean isUsable() {
    return USABLE;
  }

  private static boolean load() {
    for (String name : NAMES) {
      try {
        Native.register(LibcryptoCipher.class, name);
        return true;
      } catch (UnsatisfiedLinkError e) {
        // Another version, or none.
      }
    }
    return false;
  }
}
