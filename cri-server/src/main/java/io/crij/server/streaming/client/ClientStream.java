package io.crij.server.streaming.client;

import io.netty.buffer.ByteBuf;

/** A stream to and from a client; used on the connection's event loop alone. */
public interface ClientStream {
  /** Sets who takes what the client sends; {@link Receiver#DEAF} until then. */
  void receiver(Receiver receiver);

  /** Sends bytes, which it owns from then on; they go at the latest with {@link #flush}. */
  void write(ByteBuf bytes);

  /** Lets go what was written. */
  void flush();

  /** The half close: nothing is sent on this stream any more. May be repeated. */
  void finish();

  /** Ends both directions at once, as after an error; where the protocol cannot, the half close. */
  void reset();
}
