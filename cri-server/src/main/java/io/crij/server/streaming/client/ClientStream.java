package io.crij.server.streaming.client;

import io.netty.buffer.ByteBuf;
import io.netty.channel.FileRegion;

/** A stream to and from a client; used on the connection's event loop alone. */
public interface ClientStream {
  /** Sets who takes what the client sends; {@link Receiver#DEAF} until then. */
  void receiver(Receiver receiver);

  /** Sends bytes, which it owns from then on; they go at the latest with {@link #flush}. */
  void write(ByteBuf bytes);

  /**
   * Whether bytes go to the client's socket as they are, with something before them: then {@link
   * #pass} may be used.
   */
  boolean passes();

  /**
   * Sends bytes that are not in memory; otherwise as {@link #write}. It is released when they have
   * gone, or the client has.
   */
  void pass(FileRegion bytes);

  /** Lets go what was written. */
  void flush();

  /** The half close: nothing is sent on this stream any more. May be repeated. */
  void finish();

  /** Ends both directions at once, as after an error; where the protocol cannot, the half close. */
  void reset();
}
