package io.crij.e2e.streams;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.charset.StandardCharsets;

/** A connection that has left HTTP for another protocol, for whatever bytes a test sends. */
public final class UpgradedConnection implements AutoCloseable {
  private static final int PATIENCE_MILLIS = 60_000;
  private static final int MAX_ANSWER = 4096;

  private final Socket socket;

  private UpgradedConnection(Socket socket) {
    this.socket = socket;
  }

  /** Upgrades to SPDY/3.1 with one of Kubernetes' protocols. */
  public static UpgradedConnection spdy(URI url, String protocol) throws IOException {
    return open(
        url,
        """
        POST %s HTTP/1.1\r
        Upgrade: SPDY/3.1\r
        X-Stream-Protocol-Version: %s\r
        Content-Length: 0\r
        """
            .formatted(url.getPath(), protocol));
  }

  /** Upgrades to a WebSocket with one of Kubernetes' protocols. */
  public static UpgradedConnection webSocket(URI url, String protocol) throws IOException {
    return open(
        url,
        """
        GET %s HTTP/1.1\r
        Upgrade: websocket\r
        Sec-WebSocket-Version: 13\r
        Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r
        Sec-WebSocket-Protocol: %s\r
        """
            .formatted(url.getPath(), protocol));
  }

  private static UpgradedConnection open(URI url, String request) throws IOException {
    UpgradedConnection connection =
        new UpgradedConnection(new Socket(url.getHost(), url.getPort()));
    try {
      connection.send(
          (request + "Host: " + url.getAuthority() + "\r\nConnection: Upgrade\r\n\r\n")
              .getBytes(StandardCharsets.US_ASCII));
      String answer = connection.answer();
      if (!answer.startsWith("HTTP/1.1 101 ")) {
        throw new IOException(url + ": " + answer);
      }
      return connection;
    } catch (IOException e) {
      connection.close();
      throw e;
    }
  }

  private String answer() throws IOException {
    StringBuilder answer = new StringBuilder();
    while (answer.indexOf("\r\n\r\n") < 0 && answer.length() < MAX_ANSWER) {
      int next = socket.getInputStream().read();
      if (next < 0) {
        throw new IOException("closed by the server after '" + answer + "'");
      }
      answer.append((char) next);
    }
    return answer.toString();
  }

  InputStream in() throws IOException {
    return socket.getInputStream();
  }

  OutputStream out() throws IOException {
    return socket.getOutputStream();
  }

  /** Sends bytes as they are. */
  public void send(byte[] bytes) throws IOException {
    out().write(bytes);
  }

  void endSending() throws IOException {
    socket.shutdownOutput();
  }

  /**
   * Sends nothing more, and waits until the server, which can read all that was sent, has closed
   * the connection.
   */
  public void leave() throws IOException {
    try {
      endSending();
    } catch (IOException _) {
      return; // it has closed it already
    }
    awaitClose();
  }

  /**
   * Waits for the server to close it.
   *
   * @throws AssertionError when it does not within a minute
   */
  public void awaitClose() throws IOException {
    socket.setSoTimeout(PATIENCE_MILLIS);
    try {
      var _ = socket.getInputStream().transferTo(OutputStream.nullOutputStream());
    } catch (SocketTimeoutException e) {
      throw new AssertionError("the server does not close " + socket, e);
    } catch (IOException _) {
      // Reset: it was closed before all was read.
    }
  }

  /** Ends it as a client that was killed with much still to read. */
  public void vanish() throws IOException {
    socket.setSoLinger(true, 0);
    socket.close();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
