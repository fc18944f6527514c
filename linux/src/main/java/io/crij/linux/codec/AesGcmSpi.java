package io.crij.linux.codec;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.security.AlgorithmParameters;
import java.security.InvalidAlgorithmParameterException;
import java.security.InvalidKeyException;
import java.security.Key;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.security.spec.AlgorithmParameterSpec;
import java.util.Arrays;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.CipherSpi;
import javax.crypto.NoSuchPaddingException;
import javax.crypto.ShortBufferException;
import javax.crypto.spec.GCMParameterSpec;
import org.jspecify.annotations.Nullable;

/**
 * {@code AES/GCM/NoPadding} as TLS uses it: a nonce of 12 bytes, a tag of 16, and a message in one
 * piece. What comes in several is collected. What it does not know it refuses, and the JDK's own
 * takes its place.
 */
public final class AesGcmSpi extends CipherSpi {
  private static final int BLOCK_BYTES = 16;

  private final AesGcmContext context = new AesGcmContext();
  private final ByteArrayOutputStream collected = new ByteArrayOutputStream();
  private byte[] key = {};
  private byte[] nonce = {};
  private boolean encrypts;
  private boolean ready;

  /** Called by the provider. */
  public AesGcmSpi() {}

  @Override
  protected void engineInit(
      int mode, Key given, @Nullable AlgorithmParameterSpec spec, SecureRandom random)
      throws InvalidKeyException, InvalidAlgorithmParameterException {
    byte[] bytes = given.getEncoded();
    if (bytes == null || (bytes.length != 16 && bytes.length != 32)) {
      throw new InvalidKeyException("an AES key of 16 or 32 bytes is wanted");
    }
    if (!(spec instanceof GCMParameterSpec gcm)
        || gcm.getTLen() != AesGcmContext.TAG_BYTES * Byte.SIZE
        || gcm.getIV().length != AesGcmContext.NONCE_BYTES
        || (mode != Cipher.ENCRYPT_MODE && mode != Cipher.DECRYPT_MODE)) {
      throw new InvalidAlgorithmParameterException("only nonces of 12 bytes and tags of 16");
    }
    boolean encrypt = mode == Cipher.ENCRYPT_MODE;
    boolean same = MessageDigest.isEqual(bytes, key);
    if (encrypt && encrypts && same && Arrays.equals(gcm.getIV(), nonce)) {
      throw new InvalidAlgorithmParameterException("the same key and nonce again");
    }
    collected.reset();
    nonce = gcm.getIV();
    context.begin(encrypt, same && encrypt == encrypts ? null : bytes, nonce);
    key = bytes;
    encrypts = encrypt;
    ready = true;
  }

  @Override
  protected void engineInit(int mode, Key given, SecureRandom random) throws InvalidKeyException {
    throw new InvalidKeyException("no nonce given");
  }

  @Override
  protected void engineInit(
      int mode, Key given, @Nullable AlgorithmParameters parameters, SecureRandom random)
      throws InvalidAlgorithmParameterException {
    throw new InvalidAlgorithmParameterException("a GCMParameterSpec is wanted");
  }

  @Override
  protected void engineUpdateAAD(byte[] source, int offset, int count) {
    requireReady();
    context.associate(Arrays.copyOfRange(source, offset, offset + count), count);
  }

  @Override
  protected void engineUpdateAAD(ByteBuffer source) {
    byte[] bytes = bytes(source);
    engineUpdateAAD(bytes, 0, bytes.length);
  }

  @Override
  protected byte[] engineUpdate(byte[] input, int offset, int count) {
    requireReady();
    collected.write(input, offset, count);
    return new byte[0];
  }

  @Override
  protected int engineUpdate(byte[] input, int offset, int count, byte[] output, int to) {
    return engineUpdate(input, offset, count).length;
  }

  @Override
  protected byte[] engineDoFinal(byte @Nullable [] input, int offset, int count)
      throws AEADBadTagException {
    requireReady();
    // A key and a nonce are for one message.
    ready = false;
    byte[] last = input == null ? new byte[0] : input;
    if (collected.size() == 0) {
      return context.finish(last, offset, count);
    }
    collected.write(last, offset, count);
    byte[] whole = collected.toByteArray();
    collected.reset();
    return context.finish(whole, 0, whole.length);
  }

  @Override
  protected int engineDoFinal(byte @Nullable [] input, int offset, int count, byte[] output, int to)
      throws ShortBufferException, AEADBadTagException {
    requireRoom(count, output.length - to);
    byte[] result = engineDoFinal(input, offset, count);
    System.arraycopy(result, 0, output, to, result.length);
    return result.length;
  }

  /** Input and output may be the same memory: all of the input is read first. */
  @Override
  protected int engineDoFinal(ByteBuffer input, ByteBuffer output)
      throws ShortBufferException, AEADBadTagException {
    requireRoom(input.remaining(), output.remaining());
    byte[] bytes = bytes(input);
    byte[] result = engineDoFinal(bytes, 0, bytes.length);
    output.put(result);
    return result.length;
  }

  private void requireReady() {
    if (!ready) {
      throw new IllegalStateException("a key and a nonce are for one message");
    }
  }

  private void requireRoom(int count, int room) throws ShortBufferException {
    if (room < engineGetOutputSize(count)) {
      throw new ShortBufferException("output has room for " + room + " bytes");
    }
  }

  private static byte[] bytes(ByteBuffer source) {
    byte[] bytes = new byte[source.remaining()];
    source.get(bytes);
    return bytes;
  }

  @Override
  protected int engineGetOutputSize(int count) {
    return AesGcmContext.sizeOf(encrypts, Math.addExact(collected.size(), count));
  }

  @Override
  protected int engineGetBlockSize() {
    return BLOCK_BYTES;
  }

  @Override
  protected byte[] engineGetIV() {
    return nonce.clone();
  }

  @Override
  protected @Nullable AlgorithmParameters engineGetParameters() {
    return null;
  }

  @Override
  protected void engineSetMode(String mode) throws NoSuchAlgorithmException {
    throw new NoSuchAlgorithmException(mode);
  }

  @Override
  protected void engineSetPadding(String padding) throws NoSuchPaddingException {
    throw new NoSuchPaddingException(padding);
  }
}
