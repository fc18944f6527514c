package io.crij.linux.codec;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import java.util.Objects;

/**
 * SHA-256 by the processor's own instructions, where OpenSSL is installed. The JDK knows them too,
 * but only in code of its second compiler, which a program may not run.
 */
public final class NativeSha256 {
  private static final int DIGEST_BYTES = 32;

  /** SHA256_CTX has 112 bytes. */
  private static final int CONTEXT_BYTES = 256;

  private static final int BLOCK_BYTES = 64 * 1024;

  private final Memory memory = new Memory(CONTEXT_BYTES + BLOCK_BYTES);
  private final long context = Pointer.nativeValue(memory);
  private final long block = context + CONTEXT_BYTES;

  NativeSha256() {
    start();
  }

  public static boolean isAvailable() {
    return Libcrypto.isUsable();
  }

  /**
   * A new computation.
   *
   * @throws UnsupportedOperationException if the library is not there
   */
  public static NativeSha256 create() {
    if (!isAvailable()) {
      throw new UnsupportedOperationException("no libcrypto");
    }
    return new NativeSha256();
  }

  public void update(byte[] bytes, int offset, int count) {
    Objects.checkFromIndexSize(offset, count, bytes.length);
    for (int done = 0; done < count; ) {
      int part = Math.min(BLOCK_BYTES, count - done);
      memory.write(CONTEXT_BYTES, bytes, offset + done, part);
      require(Libcrypto.SHA256_Update(context, block, part));
      done += part;
    }
  }

  /** The digest of all that passed; the computation then starts anew. */
  public byte[] digest() {
    require(Libcrypto.SHA256_Final(block, context));
    byte[] digest = memory.getByteArray(CONTEXT_BYTES, DIGEST_BYTES);
    start();
    return digest;
  }

  private void start() {
    require(Libcrypto.SHA256_Init(context));
  }

  private static void require(int result) {
    if (result != 1) {
      throw new IllegalStateException("libcrypto's SHA-256 failed");
    }
  }
}
