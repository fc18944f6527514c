package io.crij.e2e.streams;

import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A client of a WebSocket whose messages belong to channels; it keeps what comes. */
public final class ChannelClient implements WebSocket.Listener, AutoCloseable {
  private static final int PATIENCE_SECONDS = 60;

  private final HttpClient http = HttpClient.newHttpClient();
  private final Map<Integer, ByteArrayOutputStream> channels = new ConcurrentHashMap<>();
  private final ByteArrayOutputStream message = new ByteArrayOutputStream();
  private @Nullable WebSocket socket;

  private ChannelClient() {}

  /** Opens one by the URL that the CRI has answered with. */
  public static ChannelClient connect(URI url, String protocol) throws Exception {
    ChannelClient client = new ChannelClient();
    client.socket =
        client
            .http
            .newWebSocketBuilder()
            .subprotocols(protocol)
            .buildAsync(URI.create(url.toString().replaceFirst("^http", "ws")), client)
            .get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    return client;
  }

  /** Sends a message on a channel. */
  public void send(int channel, byte[] bytes) throws Exception {
    ByteBuffer whole = ByteBuffer.allocate(1 + bytes.length).put((byte) channel).put(bytes).flip();
    opened().sendBinary(whole, true).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
  }

  /** All that has come on a channel until now. */
  public byte[] received(int channel) {
    ByteArrayOutputStream bytes = channels.get(channel);
    return bytes == null ? new byte[0] : bytes.toByteArray();
  }

  /** What the server has chosen. */
  public String protocol() {
    return opened().getSubprotocol();
  }

  private WebSocket opened() {
    if (socket == null) {
      throw new IllegalStateException("not connected");
    }
    return socket;
  }

  @Override
  public @Nullable CompletionStage<?> onBinary(WebSocket from, ByteBuffer part, boolean last) {
    byte[] bytes = new byte[part.remaining()];
    part.get(bytes);
    message.writeBytes(bytes);
    if (last) {
      byte[] whole = message.toByteArray();
      message.reset();
      channels
          .computeIfAbsent((int) whole[0], _ -> new ByteArrayOutputStream())
          .write(whole, 1, whole.length - 1);
    }
    from.request(1);
    return null;
  }

  @Override
  public void close() {
    opened().abort();
    http.shutdownNow();
  }
}
