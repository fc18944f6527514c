package io.crij.server.streaming.spdy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.DecoderException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class SpdyDecoderTest {
  private final EmbeddedChannel channel = new EmbeddedChannel(new SpdyDecoder());
  private final SpdyBytes client = new SpdyBytes();

  @AfterEach
  void close() {
    client.close();
    channel.finishAndReleaseAll();
  }

  private List<SpdyFrame> read(ByteBuf... frames) {
    channel.writeInbound((Object[]) frames);
    List<SpdyFrame> read = new ArrayList<>();
    for (SpdyFrame frame = channel.readInbound(); frame != null; frame = channel.readInbound()) {
      read.add(frame);
    }
    return read;
  }

  private void assertRefused(ByteBuf frame, String reason) {
    assertThatExceptionOfType(DecoderException.class)
        .isThrownBy(() -> read(frame))
        .withCauseInstanceOf(SpdyException.class)
        .withMessageContaining(reason);
  }

  @Test
  void headersOfSeveralStreamsAreOneZlibStream() {
    assertThat(
            read(
                client.open(1, Map.of("streamtype", "error")),
                client.open(3, Map.of("streamtype", "data", "port", "80"))))
        .containsExactly(
            new SpdyFrame.Open(1, Map.of("streamtype", "error"), false),
            new SpdyFrame.Open(3, Map.of("streamtype", "data", "port", "80"), false));
  }

  @Test
  void theDictionaryIsTheOneOfTheSpecification() {
    // As any implementation writes it into the zlib header of its first block.
    assertThat(Dictionary.checksum()).isEqualTo(0xe3c6a7c2);
    assertThat(Dictionary.bytes()).hasSize(1423);
  }

  @Test
  void dataIsPassedOnAsItComesWhateverAFramesLength() {
    ByteBuf first = Unpooled.buffer().writeInt(5).writeInt((1 << 24) | 0xffffff).writeBytes(b(10));
    List<SpdyFrame> got = read(first);
    assertThat(got).hasSize(1);
    assertThat(((SpdyFrame.Data) got.getFirst()).bytes().readableBytes()).isEqualTo(10);
    assertThat(((SpdyFrame.Data) got.getFirst()).last()).isFalse();
    got.forEach(SpdyFrame::release);
    List<SpdyFrame> rest = read(Unpooled.wrappedBuffer(b(0xffffff - 10)));
    assertThat(((SpdyFrame.Data) rest.getLast()).last()).isTrue();
    rest.forEach(SpdyFrame::release);
  }

  private static byte[] b(int length) {
    return new byte[length];
  }

  @Test
  void aFrameOfControlIsSmall() {
    assertRefused(SpdyBytes.control(4, SpdyDecoder.MAX_CONTROL_BYTES + 1), "of control of");
  }

  @Test
  void aFrameOfControlHasItsFields() {
    assertRefused(SpdyBytes.control(SpdyFrames.RST_STREAM, 0), "of control of 0");
  }

  @Test
  void aHeaderBlockThatInflatesToMegabytesIsStopped() {
    ByteBuf bomb = Unpooled.buffer().writeInt(1);
    SpdyBytes.writeText(SpdyBytes.writeText(bomb, "a"), "x".repeat(8 << 20));
    assertRefused(client.open(1, bomb), "more than " + HeaderBlocks.MAX_BYTES);
  }

  @Test
  void headersAreFewAndTheirLengthsTrue() {
    assertRefused(client.open(1, Unpooled.buffer().writeInt(HeaderBlocks.MAX_HEADERS + 1)), "65");
  }

  @Test
  void aHeadersLengthIsNotBelieved() {
    assertRefused(
        client.open(1, Unpooled.buffer().writeInt(1).writeInt(0x7fffffff)), "2147483647 bytes");
  }

  @Test
  void manySettingsCostNothing() {
    for (int i = 0; i < 10_000; i++) {
      assertThat(read(SpdyBytes.control(4, 8000).writeBytes(b(8000)))).isEmpty();
    }
  }

  /** Frames, damaged at random: there is nothing but frames and refusals. */
  @Test
  void anyBytesAreFramesOrRefused() {
    long seed = 20_260_101;
    Random random = new Random(seed);
    for (int round = 0; round < 10_000; round++) {
      EmbeddedChannel damaged = new EmbeddedChannel(new SpdyDecoder());
      ByteBuf bytes = damage(random);
      try {
        while (bytes.isReadable()) {
          damaged.writeInbound(bytes.readRetainedSlice(part(random, bytes.readableBytes())));
        }
      } catch (DecoderException e) {
        assertThat(e).as("seed %d, round %d", seed, round).hasCauseInstanceOf(SpdyException.class);
      } finally {
        bytes.release();
      }
      try {
        damaged.finish();
      } catch (DecoderException _) {
        // What was left is refused as well.
      }
      for (SpdyFrame f = damaged.readInbound(); f != null; f = damaged.readInbound()) {
        SpdyFrame.release(f);
      }
    }
  }

  private static int part(Random random, int available) {
    return 1 + random.nextInt(available);
  }

  private static ByteBuf damage(Random random) {
    ByteBuf bytes = Unpooled.buffer();
    try (SpdyBytes sender = new SpdyBytes()) {
      bytes.writeBytes(sender.open(1, Map.of("streamtype", "error")));
      bytes.writeBytes(SpdyBytes.data(1, "some data", false));
      bytes.writeBytes(sender.open(3, Map.of("streamtype", "stdin", "x", "y")));
      bytes.writeBytes(SpdyBytes.control(SpdyFrames.PING, 4).writeInt(1));
    }
    for (int i = random.nextInt(8); i >= 0; i--) {
      bytes.setByte(random.nextInt(bytes.readableBytes()), random.nextInt());
    }
    return bytes;
  }

  @Test
  void whatIsNoFrameOfThisVersionIsRefused() {
    assertRefused(
        Unpooled.copiedBuffer("GET / HTTP/1.1\r\n\r\n", StandardCharsets.US_ASCII).setByte(0, 0x80),
        "of version");
  }
}
