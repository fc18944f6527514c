package io.crij.linux.codec;

import static io.crij.linux.codec.LibcryptoCipher.EVP_CIPHER_CTX_ctrl;
import static io.crij.linux.codec.LibcryptoCipher.EVP_CipherFinal_ex;
import static io.crij.linux.codec.LibcryptoCipher.EVP_CipherInit_ex;
import static io.crij.linux.codec.LibcryptoCipher.EVP_CipherUpdate;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import javax.crypto.AEADBadTagException;
import org.jspecify.annotations.Nullable;

/** AES-GCM (NIST SP 800-38D) with nonces of 12 bytes and tags of 16, for one thread at a time. */
final class AesGcmContext {
  static final int NONCE_BYTES = 12;
  static final int TAG_BYTES = 16;

  /** Larger than a TLS record with its headers. */
  private static final int FIRST_BUFFER_BYTES = 20 * 1024;

  private static final Cleaner CLEANER = Cleaner.create();

  private final long context;
  private final int[] size = new int[1];
  private Memory memory = new Memory(FIRST_BUFFER_BYTES);
  private boolean encrypts;

  AesGcmContext() {
    long made = LibcryptoCipher.EVP_CIPHER_CTX_new();
    if (made == 0) {
      throw new OutOfMemoryError("EVP_CIPHER_CTX_new");
    }
    this.context = made;
    CLEANER.register(this, () -> LibcryptoCipher.EVP_CIPHER_CTX_free(made));
  }

  /**
   * Begins a message.
   *
   * @param key of 16 or 32 bytes; null for that of the message before
   */
  void begin(boolean encrypt, byte @Nullable [] key, byte[] nonce) {
    try {
      encrypts = encrypt;
      int mode = encrypt ? 1 : 0;
      if (key != null) {
        long cipher =
            key.length == 16
                ? LibcryptoCipher.EVP_aes_128_gcm()
                : LibcryptoCipher.EVP_aes_256_gcm();
        require(EVP_CipherInit_ex(context, cipher, 0, null, null, mode));
        require(EVP_CIPHER_CTX_ctrl(context, LibcryptoCipher.SET_IV_LENGTH, NONCE_BYTES, 0));
      }
      require(EVP_CipherInit_ex(context, 0, 0, key, nonce, mode));
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  /** The next {@code count} bytes of what is sealed but not hidden. */
  void associate(byte[] bytes, int count) {
    try {
      if (count > 0) {
        long address = room(count);
        memory.write(0, bytes, 0, count);
        require(EVP_CipherUpdate(context, 0, size, address, count));
      }
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  /** What a message of that many bytes becomes. */
  static int sizeOf(boolean encrypt, int count) {
    return encrypt ? Math.addExact(count, TAG_BYTES) : Math.max(0, count - TAG_BYTES);
  }

  /**
   * Encrypts a message and puts the tag behind it, or decrypts one with its tag.
   *
   * @throws AEADBadTagException when it is not what was encrypted
   */
  byte[] finish(byte[] message, int offset, int count) throws AEADBadTagException {
    try {
      int text = encrypts ? count : count - TAG_BYTES;
      if (text < 0) {
        throw new AEADBadTagException("shorter than its tag");
      }
      long address = room(Math.addExact(count, TAG_BYTES));
      memory.write(0, message, offset, count);
      if (text > 0) {
        require(EVP_CipherUpdate(context, address, size, address, text));
      }
      long tag = address + text;
      if (!encrypts) {
        require(EVP_CIPHER_CTX_ctrl(context, LibcryptoCipher.SET_TAG, TAG_BYTES, tag));
      }
      // It writes nothing in this mode, but wants to know where to.
      if (EVP_CipherFinal_ex(context, tag, size) != 1) {
        throw new AEADBadTagException("tag mismatch");
      }
      if (encrypts) {
        require(EVP_CIPHER_CTX_ctrl(context, LibcryptoCipher.GET_TAG, TAG_BYTES, tag));
      }
      return memory.getByteArray(0, sizeOf(encrypts, count));
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  private long room(int count) {
    if (memory.size() < count) {
      memory = new Memory(count);
    }
    return Pointer.nativeValue(memory);
  }

  private static void require(int result) {
    if (result != 1) {
      throw new IllegalStateException("libcrypto's AES-GCM failed");
    }
  }
}
