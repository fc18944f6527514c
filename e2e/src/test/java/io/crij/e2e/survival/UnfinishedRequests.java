package io.crij.e2e.survival;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Requests of the greatest length there is, of each of which the last byte does not come. */
final class UnfinishedRequests {
  private static final int REQUEST_BYTES = 8 << 20;
  private static final int MOST = 32;

  private UnfinishedRequests() {}

  /** Goes on until the monitor is gone, which has to keep them all. */
  static void sendTo(Path monitor) throws IOException {
    List<SocketChannel> clients = new ArrayList<>();
    try {
      for (int i = 0; i < MOST; i++) {
        SocketChannel client = SocketChannel.open(StandardProtocolFamily.UNIX);
        clients.add(client);
        client.connect(UnixDomainSocketAddress.of(monitor));
        send(client);
      }
    } catch (IOException e) {
      // It has died meanwhile.
    } finally {
      for (SocketChannel client : clients) {
        client.close();
      }
    }
  }

  private static void send(SocketChannel client) throws IOException {
    ByteBuffer request = ByteBuffer.allocate(Integer.BYTES + REQUEST_BYTES - 1);
    request.putInt(0, REQUEST_BYTES);
    while (request.hasRemaining()) {
      client.write(request);
    }
  }
}
