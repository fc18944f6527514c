package io.crij.image.registry.fake;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.List;

/** An address that takes connections and answers to none: its queue of them is full. */
public final class SilentHost implements AutoCloseable {
  private static final int PATIENCE_MILLIS = 300;
  private static final int MOST = 100;

  private final ServerSocket server;
  private final List<Socket> waiting = new ArrayList<>();

  private SilentHost(ServerSocket server) {
    this.server = server;
  }

  /** Begins to keep silent. */
  public static SilentHost at(String address, int port) throws IOException {
    InetSocketAddress socket = new InetSocketAddress(InetAddress.ofLiteral(address), port);
    SilentHost host = new SilentHost(new ServerSocket(port, 1, socket.getAddress()));
    for (int i = 0; i < MOST; i++) {
      Socket one = new Socket();
      host.waiting.add(one);
      try {
        one.connect(socket, PATIENCE_MILLIS);
      } catch (SocketTimeoutException e) {
        return host;
      }
    }
    host.close();
    throw new IOException(socket + " still answers");
  }

  @Override
  public void close() throws IOException {
    for (Socket socket : waiting) {
      socket.close();
    }
    server.close();
  }
}
