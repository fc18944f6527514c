package io.crij.server.streaming.spdy;

import static org.assertj.core.api.Assertions.assertThat;

import io.crij.runtime.container.RequestedStreams;
import io.crij.server.streaming.client.CommandStreams;
import io.crij.server.streaming.client.Flow;
import io.netty.buffer.ByteBuf;
import io.netty.channel.embedded.EmbeddedChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a client of exec does with its connection, frame by frame. */
final class SpdyCommandTest {
  private static final int RST_STREAM = 0x80030003;
  private static final int GOAWAY = 0x80030007;

  private final SpdyBytes client = new SpdyBytes();
  private final EmbeddedChannel channel = new EmbeddedChannel();
  private final List<CommandStreams> complete = new ArrayList<>();

  private void begin(String protocol, boolean tty) {
    Flow flow = new Flow(channel);
    channel.pipeline().addLast("flow", flow);
    new SpdyCommand(
            flow,
            protocol,
            new RequestedStreams(true, true, false, tty),
            Duration.ofSeconds(30),
            complete::add)
        .connection()
        .addTo(channel.pipeline(), "flow");
  }

  @AfterEach
  void close() {
    client.close();
    channel.finishAndReleaseAll();
  }

  private void open(int stream, String type) {
    channel.writeInbound(client.open(stream, Map.of("streamtype", type)));
  }

  /** The first words of the frames that were sent. */
  private List<Integer> sent() {
    List<Integer> words = new ArrayList<>();
    for (ByteBuf frame = channel.readOutbound(); frame != null; frame = channel.readOutbound()) {
      words.add(frame.readableBytes() < Integer.BYTES ? frame.readUnsignedByte() : frame.getInt(0));
      frame.release();
    }
    return words;
  }

  @Test
  void beginsWhenAllStreamsAreThere() {
    begin("v4.channel.k8s.io", true);
    open(1, "error");
    open(3, "stdin");
    open(5, "stdout");
    assertThat(complete).isEmpty();
    open(7, "resize");
    assertThat(complete).hasSize(1);
    assertThat(complete.getFirst().resize()).isNotNull();
    assertThat(complete.getFirst().stderr()).isNull();
    channel.flushOutbound();
    assertThat(sent()).doesNotContain(RST_STREAM);
  }

  /** Lest a client that is cut off before the status take its end for a success. */
  @Test
  void theErrorStreamBeginsBeforeThereIsAStatus() {
    begin("v4.channel.k8s.io", false);
    open(1, "error");
    open(3, "stdin");
    assertThat(sent()).hasSize(2).doesNotContain(1);
    open(5, "stdout");
    assertThat(sent()).endsWith(1, (int) ' ');
  }

  /** Whose error stream is a text, of which nothing means a success. */
  @Test
  void theErrorStreamOfTheThirdVersionIsEmptyUntilTheEnd() {
    begin("v3.channel.k8s.io", false);
    open(1, "error");
    open(3, "stdin");
    open(5, "stdout");
    assertThat(sent()).hasSize(3).doesNotContain(1);
  }

  @Test
  void clientsOfTheSecondVersionHaveNoSizes() {
    begin("v2.channel.k8s.io", true);
    open(1, "error");
    open(3, "stdin");
    open(5, "stdout");
    assertThat(complete).hasSize(1);
  }

  @Test
  void streamsThatWereNotAskedForAreReset() {
    begin("v4.channel.k8s.io", false);
    open(1, "stderr");
    open(3, "stdin");
    open(5, "stdin");
    open(4, "stdout");
    open(5, "stdout");
    channel.flushOutbound();
    assertThat(sent().stream().filter(word -> word == RST_STREAM)).hasSize(4);
    assertThat(complete).isEmpty();
  }

  @Test
  void aClientThatOpensTooFewIsLeft() {
    begin("v4.channel.k8s.io", false);
    open(1, "error");
    channel.advanceTimeBy(29, TimeUnit.SECONDS);
    channel.runScheduledPendingTasks();
    assertThat(channel.isActive()).isTrue();
    channel.advanceTimeBy(2, TimeUnit.SECONDS);
    channel.runScheduledPendingTasks();
    assertThat(channel.isActive()).isFalse();
  }

  @Test
  void whoBreaksTheProtocolIsToldAndLeft() {
    begin("v4.channel.k8s.io", false);
    channel.writeInbound(SpdyBytes.control(SpdyFrames.HEADERS, 1 << 20));
    assertThat(sent()).containsExactly(GOAWAY);
    assertThat(channel.isActive()).isFalse();
  }
}
