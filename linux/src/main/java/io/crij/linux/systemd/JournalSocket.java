package io.crij.linux.systemd;

import io.crij.linux.Errno;
import io.crij.linux.LinuxException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** The socket of systemd-journald(8) for programs that speak its own protocol; never blocks. */
public final class JournalSocket implements AutoCloseable {
  /** Where the journal of the node listens. */
  public static final String PATH = "/run/systemd/journal/socket";

  private static final byte[] MESSAGE = "MESSAGE\n".getBytes(StandardCharsets.US_ASCII);

  private final NotifySocket socket;

  private JournalSocket(NotifySocket socket) {
    this.socket = socket;
  }

  /**
   * Opens a way to it, whether it is there or not.
   *
   * @param path absolute
   * @throws LinuxException EINVAL when no socket can be there
   */
  public static JournalSocket open(String path) {
    NotifySocket socket = NotifySocket.open(path);
    if (socket == null) {
      throw new LinuxException("open the journal", path, Errno.EINVAL);
    }
    return new JournalSocket(socket);
  }

  /**
   * Sends an entry (systemd's "Native Journal Protocol").
   *
   * @param fields {@code NAME=value} and a newline each
   * @param more the same
   * @param message any bytes
   * @return false when the journal has no room for it now
   * @throws LinuxException when there is no journal
   */
  public boolean send(byte[] fields, byte[] more, ByteBuffer message) {
    int length = message.remaining();
    ByteBuffer entry =
        ByteBuffer.allocate(fields.length + more.length + MESSAGE.length + Long.BYTES + length + 1)
            .order(ByteOrder.LITTLE_ENDIAN);
    entry.put(fields).put(more).put(MESSAGE).putLong(length).put(message);
    entry.put((byte) '\n');
    return socket.send(entry.array(), null);
  }

  @Override
  public void close() {
    socket.close();
  }
}
