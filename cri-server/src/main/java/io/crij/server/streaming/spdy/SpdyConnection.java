package io.crij.server.streaming.spdy;

import io.crij.server.streaming.client.ClientConnection;
import io.crij.server.streaming.client.Flow;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.FileRegion;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.DecoderException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The server's side of a SPDY/3.1 connection. */
public final class SpdyConnection extends SimpleChannelInboundHandler<SpdyFrame>
    implements ClientConnection {
  private static final Logger log = LoggerFactory.getLogger(SpdyConnection.class);

  /** Replies that the client has not taken: more is a flood. */
  private static final int MAX_REPLIES = 4096;

  /** Who wants the client's streams. */
  public interface Streams {
    /** Whether there may be such a stream: else it is reset. */
    boolean accepts(SpdyStream stream);

    /** Takes a stream that was accepted, and replied to. */
    void opened(SpdyStream stream);
  }

  private final Flow flow;
  private final Channel channel;
  private final ByteBufAllocator memory;
  private final int maxStreams;
  private final Streams taker;
  private final Map<Integer, SpdyStream> streams = new HashMap<>();
  private int lastStream;
  private boolean replied;
  private boolean ended;
  private int unsentReplies;

  /**
   * @param maxStreams how many may be open
   */
  public SpdyConnection(Flow flow, int maxStreams, Streams taker) {
    super(false);
    this.flow = flow;
    this.channel = flow.channel();
    this.memory = channel.alloc();
    this.maxStreams = maxStreams;
    this.taker = taker;
  }

  /** Adds what reads its frames, and this, to the pipeline, before {@link Flow}. */
  public void addTo(ChannelPipeline pipeline, String before) {
    pipeline.addBefore(before, "spdy-decoder", new SpdyDecoder());
    pipeline.addBefore(before, "spdy", this);
  }

  @Override
  public Flow flow() {
    return flow;
  }

  @Override
  protected void channelRead0(ChannelHandlerContext context, SpdyFrame frame) {
    if (ended) {
      SpdyFrame.release(frame);
      return;
    }
    switch (frame) {
      case SpdyFrame.Open open -> open(open);
      case SpdyFrame.Data data -> receive(data);
      case SpdyFrame.Reset(int id) -> {
        SpdyStream stream = streams.remove(id);
        if (stream != null) {
          stream.clientReset();
        }
      }
      case SpdyFrame.Ping(int id) -> {
        if (id % 2 != 0) {
          reply(SpdyFrames.ping(memory, id));
        }
      }
      case SpdyFrame.GoAway _ -> flow.close();
    }
  }

  private void open(SpdyFrame.Open open) {
    int id = open.stream();
    if (id <= lastStream || id % 2 == 0) {
      reply(SpdyFrames.reset(memory, id, SpdyFrames.Reason.PROTOCOL_ERROR));
      return;
    }
    lastStream = id;
    if (streams.size() >= maxStreams) {
      reply(SpdyFrames.reset(memory, id, SpdyFrames.Reason.REFUSED_STREAM));
      return;
    }
    SpdyStream stream = new SpdyStream(id, open.headers(), this);
    if (!taker.accepts(stream)) {
      reply(SpdyFrames.reset(memory, id, SpdyFrames.Reason.CANCEL));
      return;
    }
    streams.put(id, stream);
    reply(SpdyFrames.reply(memory, id, !replied));
    replied = true;
    taker.opened(stream);
    if (open.last()) {
      clientEnded(stream);
    }
  }

  private void receive(SpdyFrame.Data data) {
    SpdyStream stream = streams.get(data.stream());
    if (stream == null) {
      data.bytes().release();
      return;
    }
    stream.received(data.bytes());
    if (data.last()) {
      clientEnded(stream);
    }
  }

  private void clientEnded(SpdyStream stream) {
    stream.clientEnded();
    forgetIfOver(stream);
  }

  private void forgetIfOver(SpdyStream stream) {
    if (stream.isOver()) {
      streams.remove(stream.id());
    }
  }

  /** A client that makes us reply and does not take the replies is left. */
  private void reply(ByteBuf frame) {
    unsentReplies++;
    if (unsentReplies > MAX_REPLIES) {
      frame.release();
      throw new SpdyException("more than " + MAX_REPLIES + " replies wait to be taken");
    }
    var _ = channel.write(frame).addListener(_ -> unsentReplies--);
  }

  void write(int stream, ByteBuf bytes) {
    var _ = channel.write(SpdyFrames.dataHeader(memory, stream, bytes.readableBytes(), false));
    var _ = channel.write(bytes);
  }

  /** A frame's length has 24 bits. */
  void pass(int stream, FileRegion bytes) {
    int length = Math.toIntExact(bytes.count());
    var _ = channel.write(SpdyFrames.dataHeader(memory, stream, length, false));
    var _ = channel.write(bytes);
  }

  void writeEnd(SpdyStream stream) {
    var _ = channel.writeAndFlush(SpdyFrames.dataHeader(memory, stream.id(), 0, true));
    forgetIfOver(stream);
  }

  void writeReset(SpdyStream stream) {
    var _ = channel.writeAndFlush(SpdyFrames.reset(memory, stream.id(), SpdyFrames.Reason.CANCEL));
    streams.remove(stream.id());
  }

  void flush() {
    channel.flush();
  }

  @Override
  public void end() {
    if (!ended) {
      ended = true;
      List.copyOf(streams.values()).forEach(SpdyStream::finish);
      var _ = channel.write(SpdyFrames.goAway(memory, lastStream, 0));
      flow.end();
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext context) {
    context.flush();
    context.fireChannelReadComplete();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    Throwable broken = cause instanceof DecoderException ? cause.getCause() : cause;
    if (broken instanceof SpdyException && ended) {
      return; // more of the same, until it is closed
    }
    if (broken instanceof SpdyException) {
      log.warn("stream of {} is closed: {}", channel.remoteAddress(), broken.getMessage());
      ended = true;
      var _ =
          channel
              .writeAndFlush(SpdyFrames.goAway(memory, lastStream, 1))
              .addListener(_ -> flow.close());
      return;
    }
    context.fireExceptionCaught(cause);
  }
}
