package io.crij.e2e.streams;

import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Base64;
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
  private final StringBuilder text = new StringBuilder();
  private final boolean base64;
  private @Nullable WebSocket socket;

  private ChannelClient(boolean base64) {
    this.base64 = base64;
  }

  /**
   * Opens one by the URL that the CRI has answered with.
   *
   * @param protocol empty: none is asked for
   */
  public static ChannelClient connect(URI url, String protocol) throws Exception {
    ChannelClient client = new ChannelClient(protocol.contains("base64"));
    WebSocket.Builder builder = client.http.newWebSocketBuilder();
    if (!protocol.isEmpty()) {
      builder = builder.subprotocols(protocol);
    }
    client.socket =
        builder
            .buildAsync(URI.create(url.toString().replaceFirst("^http", "ws")), client)
            .get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    return client;
  }

  /** Sends a message on a channel. */
  public void send(int channel, byte[] bytes) throws Exception {
    if (base64) {
      String encoded = channel + Base64.getEncoder().encodeToString(bytes);
      opened().sendText(encoded, true).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
      return;
    }
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
      keep(whole[0], Arrays.copyOfRange(whole, 1, whole.length));
    }
    from.request(1);
    return null;
  }

  @Override
  public @Nullable CompletionStage<?> onText(WebSocket from, CharSequence part, boolean last) {
    text.append(part);
    if (last) {
      keep(text.charAt(0) - '0', Base64.getDecoder().decode(text.substring(1)));
      text.setLength(0);
    }
    from.request(1);
    return null;
  }

  private void keep(int channel, byte[] bytes) {
    channels.computeIfAbsent(channel, _ -> new ByteArrayOutputStream()).writeBytes(bytes);
  }

  @Override
  public void close() {
    opened().abort();
    http.shutdownNow();
  }
}
