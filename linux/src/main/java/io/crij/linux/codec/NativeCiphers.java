package io.crij.linux.codec;

import java.security.Provider;
import java.security.Security;
import java.util.Arrays;
import java.util.HexFormat;
import javax.crypto.AEADBadTagException;

/**
 * AES-GCM by the processor's own instructions for everything in this process that asks for it by
 * its name, TLS above all, where OpenSSL is installed. The JDK has them only in code of its second
 * compiler: without it, it decrypts a fiftieth as fast.
 */
public final class NativeCiphers extends Provider {
  private static final long serialVersionUID = 1;
  private static final String SEALED_ZEROS =
      "0388dace60b6a392f328c2b971b2fe78ab6e47d42cec13bdf53a67b21257bddf";

  private NativeCiphers() {
    super("CRI-J", "1", "AES-GCM of OpenSSL");
    put("Cipher.AES/GCM/NoPadding", AesGcmSpi.class.getName());
  }

  /** Puts them before the JDK's; does nothing the second time, or where the library is not. */
  public static void install() {
    if (LibcryptoCipher.isUsable() && isRight()) {
      Security.insertProviderAt(new NativeCiphers(), 1);
    }
  }

  /** Test case 2 of GCM's specification: key, nonce and text of zeros. */
  private static boolean isRight() {
    byte[] sealed = HexFormat.of().parseHex(SEALED_ZEROS);
    byte[] zeros = new byte[sealed.length - AesGcmContext.TAG_BYTES];
    byte[] nonce = new byte[AesGcmContext.NONCE_BYTES];
    AesGcmContext context = new AesGcmContext();
    try {
      context.begin(true, zeros, nonce);
      boolean encrypts = Arrays.equals(context.finish(zeros, 0, zeros.length), sealed);
      context.begin(false, zeros, nonce);
      return encrypts && Arrays.equals(context.finish(sealed, 0, sealed.length), zeros);
    } catch (AEADBadTagException | IllegalStateException e) {
      return false;
    }
  }
}
