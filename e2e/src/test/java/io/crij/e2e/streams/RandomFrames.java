package io.crij.e2e.streams;

import java.nio.ByteBuffer;
import java.util.Random;

/**
 * What a client may send, in any order and with any content, and now and then what nobody may: so a
 * server reads some dozens of frames before it has to refuse one.
 */
public final class RandomFrames {
  private static final int MOST_BYTES = 200;
  private static final int HUNDRED = 100;

  /** Of a hundred frames; the rest is for the connection itself. */
  private static final int NONSENSE = 2;

  private static final int DATA = 50;
  private static final int IN_PARTS = 10;

  private static final int CONTROL = 0x8003;
  private static final int[] HARMLESS_CONTROL = {3, 4, 5, 6, 9, 10};
  private static final int STREAMS = 10;
  private static final int LENGTH = 0xffffff;

  private static final int FINAL = 0x80;
  private static final int MASKED = 0x80;
  private static final int SHORT_LENGTH = 125;
  private static final int TWO_BYTES = 126;
  private static final int MASK_BYTES = 4;
  private static final int CHANNELS = 8;
  private static final int CONTINUATION = 0;
  private static final int TEXT = 1;
  private static final int BINARY = 2;
  private static final int PING = 9;
  private static final int PONG = 10;

  private final Random random;

  public RandomFrames(long seed) {
    this.random = new Random(seed);
  }

  /** Frames of SPDY/3.1. */
  public byte[] spdy(int count) {
    ByteBuffer frames = ByteBuffer.allocate(count * (MOST_BYTES + Long.BYTES));
    for (int i = 0; i < count; i++) {
      byte[] body = body(Long.BYTES);
      int kind = random.nextInt(HUNDRED);
      int length = body.length;
      if (kind < NONSENSE) {
        frames.putInt(random.nextInt());
        length = random.nextInt() & LENGTH;
      } else if (kind < DATA) {
        frames.putInt(random.nextInt(STREAMS));
      } else {
        frames.putShort((short) CONTROL);
        frames.putShort((short) HARMLESS_CONTROL[random.nextInt(HARMLESS_CONTROL.length)]);
      }
      frames.putInt(random.nextInt(2) << 24 | length).put(body);
    }
    return written(frames);
  }

  /** Frames of a WebSocket whose messages belong to channels. */
  public byte[] webSocket(int count) {
    ByteBuffer frames = ByteBuffer.allocate(count * (MOST_BYTES + Long.BYTES));
    int left = count;
    while (left > 0) {
      int kind = random.nextInt(HUNDRED);
      if (kind < NONSENSE) {
        frames.put(body(0));
      } else if (kind < IN_PARTS && left > 1) {
        put(frames, BINARY, channelled());
        put(frames, FINAL | CONTINUATION, body(0));
        left--;
      } else if (kind < DATA) {
        put(frames, FINAL | (random.nextBoolean() ? TEXT : BINARY), channelled());
      } else {
        int pingOrPong = random.nextBoolean() ? PING : PONG;
        put(frames, FINAL | pingOrPong, new byte[random.nextInt(SHORT_LENGTH)]);
      }
      left--;
    }
    return written(frames);
  }

  /** A masked frame; the mask is zero. */
  private static void put(ByteBuffer frames, int first, byte[] body) {
    frames.put((byte) first);
    if (body.length <= SHORT_LENGTH) {
      frames.put((byte) (MASKED | body.length));
    } else {
      frames.put((byte) (MASKED | TWO_BYTES)).putShort((short) body.length);
    }
    frames.put(new byte[MASK_BYTES]).put(body);
  }

  /** For one of the channels, digits in base64 among them. */
  private byte[] channelled() {
    byte[] body = body(1);
    body[0] = (byte) (random.nextInt(CHANNELS) + (random.nextBoolean() ? '0' : 0));
    return body;
  }

  private byte[] body(int least) {
    byte[] body = new byte[least + random.nextInt(MOST_BYTES - least)];
    random.nextBytes(body);
    return body;
  }

  private static byte[] written(ByteBuffer frames) {
    byte[] bytes = new byte[frames.flip().remaining()];
    frames.get(bytes);
    return bytes;
  }
}
