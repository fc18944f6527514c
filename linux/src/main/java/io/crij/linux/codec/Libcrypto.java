package io.crij.linux.codec;

import com.sun.jna.Native;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;

/**
 * OpenSSL's SHA-256. These functions keep their state in memory of the caller's, so nothing has to
 * be freed; OpenSSL 3 advises against them, and has them.
 */
final class Libcrypto {
  private static final List<String> NAMES = List.of("libcrypto.so.3", "libcrypto.so.1.1");
  private static final boolean USABLE = load();

  private Libcrypto() {}

  static native int SHA256_Init(long context);

  static native int SHA256_Update(long context, long data, long count);

  static native int SHA256_Final(long digest, long context);

  /** Whether the library is there and computes what it should. */
  static boolean isUsable() {
    return USABLE;
  }

  private static boolean load() {
    for (String name : NAMES) {
      try {
        Native.register(Libcrypto.class, name);
        return isRight();
      } catch (UnsatisfiedLinkError e) {
        // Another version, or none.
      }
    }
    return false;
  }

  private static boolean isRight() {
    NativeSha256 sha256 = new NativeSha256();
    byte[] abc = "abc".getBytes(StandardCharsets.US_ASCII);
    sha256.update(abc, 0, abc.length);
    // FIPS 180-4's own example.
    return HexFormat.of()
        .formatHex(sha256.digest())
        .equals("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  }
}
