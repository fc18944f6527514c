package io.crij.image.registry.fake;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** A proxy of HTTP that knows one origin, under whatever name it is asked for. */
public final class TestProxy implements AutoCloseable {
  private final ServerSocket server;
  private final InetSocketAddress origin;
  private final String authorization;
  private final List<String> heads = new CopyOnWriteArrayList<>();
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();

  /**
   * @param authority {@code address:port} of the origin
   * @param authorization that it wants; empty for none
   */
  public TestProxy(String authority, String authorization) {
    int colon = authority.lastIndexOf(':');
    this.origin =
        new InetSocketAddress(
            authority.substring(0, colon), Integer.parseInt(authority.substring(colon + 1)));
    this.authorization = authorization;
    try {
      this.server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Thread.ofVirtual().start(this::accept);
  }

  public String authority() {
    return "127.0.0.1:" + server.getLocalPort();
  }

  /** Request lines and headers as they came. */
  public List<String> heads() {
    return List.copyOf(heads);
  }

  private void accept() {
    while (true) {
      try {
        Socket client = server.accept();
        open.add(client);
        Thread.ofVirtual().start(() -> serve(client));
      } catch (IOException e) {
        return;
      }
    }
  }

  private void serve(Socket client) {
    try (client;
        Socket upstream = new Socket()) {
      open.add(upstream);
      InputStream in = new BufferedInputStream(client.getInputStream());
      String head = head(in);
      heads.add(head);
      OutputStream out = client.getOutputStream();
      if (!authorization.isEmpty() && !head.contains("Authorization: " + authorization + "\r\n")) {
        write(
            out,
            "HTTP/1.1 407 No\r\nProxy-Authenticate: Basic realm=\"p\"\r\nContent-Length: 0\r\n\r\n");
        return;
      }
      upstream.connect(origin);
      if (head.startsWith("CONNECT ")) {
        write(out, "HTTP/1.1 200 Connected\r\n\r\n");
      } else {
        // One request a connection, so that the next comes here too.
        write(
            upstream.getOutputStream(),
            head.replaceFirst(" http://[^/]*", " ")
                .replaceAll("(?i)\r\n(?:proxy-[a-z]*|connection):[^\r]*", "")
                .replaceFirst("\r\n", "\r\nConnection: close\r\n"));
      }
      Thread forth = Thread.ofVirtual().start(() -> copy(in, upstream));
      upstream.getInputStream().transferTo(out);
      client.shutdownOutput();
      forth.interrupt();
    } catch (IOException e) {
      // the other side sees the end
    }
  }

  private static void copy(InputStream in, Socket upstream) {
    try {
      in.transferTo(upstream.getOutputStream());
      upstream.shutdownOutput();
    } catch (IOException e) {
      // the other side sees the end
    }
  }

  private static String head(InputStream in) throws IOException {
    StringBuilder head = new StringBuilder();
    while (!head.toString().endsWith("\r\n\r\n")) {
      int c = in.read();
      if (c < 0) {
        throw new IOException("ended in the head");
      }
      head.append((char) c);
    }
    return head.toString();
  }

  private static void write(OutputStream out, String text) throws IOException {
    out.write(text.getBytes(StandardCharsets.ISO_8859_1));
    out.flush();
  }

  @Override
  public void close() {
    try {
      server.close();
      for (Socket socket : open) {
        socket.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
