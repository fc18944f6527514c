package io.crij.linux.namespace;

import com.sun.jna.Memory;
import io.crij.linux.Fd;
import io.crij.linux.LinuxException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BiConsumer;

/**
 * Requests to a part of the kernel in a network namespace (netlink(7)). All numbers are in the
 * machine's own order. For platform threads.
 */
final class NetlinkSocket implements AutoCloseable {
  private static final int SOL_SOCKET = 1;
  private static final int SO_RCVTIMEO = 20;
  private static final int HEADER = 16;
  private static final int ATTRIBUTE_HEADER = 4;
  private static final int ATTRIBUTE_TYPE = 0x3fff;

  /** The kernel puts no more into one answer of a dump. */
  private static final int BUFFER_BYTES = 64 << 10;

  private static final short REQUEST = 1;
  private static final short ACK = 4;
  private static final short DUMP = 0x300;
  private static final short ERROR = 2;
  private static final short DONE = 3;

  private final Fd socket;
  private final Memory memory = new Memory(BUFFER_BYTES);

  private NetlinkSocket(Fd socket) {
    this.socket = socket;
  }

  /**
   * @param protocol a part of the kernel, for example 12 for netfilter
   * @param limit for each answer
   */
  static NetlinkSocket open(Path network, int protocol, Duration limit) {
    int[] opened = Namespaces.openSockets(network, SocketKind.netlink(protocol));
    NetlinkSocket netlink = new NetlinkSocket(Fd.owning(opened[0]));
    try (Memory time = new Memory(2L * Long.BYTES)) {
      time.setLong(0, limit.toSeconds());
      time.setLong(Long.BYTES, limit.toNanosPart() / 1000);
      if (Libc.setsockopt(opened[0], SOL_SOCKET, SO_RCVTIMEO, time, 2 * Long.BYTES) != 0) {
        throw LinuxException.last("setsockopt", "netlink");
      }
      return netlink;
    } catch (LinuxException e) {
      netlink.close();
      throw e;
    }
  }

  /**
   * Asks for all of something.
   *
   * @param each is given each message's type and what follows its header, to be read at once
   */
  void dump(int type, ByteBuffer payload, BiConsumer<Integer, ByteBuffer> each) {
    send(type, (short) (REQUEST | DUMP), payload);
    boolean done = false;
    while (!done) {
      ByteBuffer answer = receive();
      while (!done && answer.remaining() >= HEADER) {
        ByteBuffer message = next(answer);
        int messageType = message.getShort(Integer.BYTES);
        message.position(HEADER);
        switch (messageType) {
          case DONE -> done = true;
          case ERROR -> throw new LinuxException("dump", "netlink", -message.getInt());
          default -> each.accept(messageType, message);
        }
      }
    }
  }

  /**
   * Asks for a change.
   *
   * @return 0, or the errno
   */
  int change(int type, ByteBuffer payload) {
    send(type, (short) (REQUEST | ACK), payload);
    return -receive().getInt(HEADER);
  }

  private void send(int type, short flags, ByteBuffer payload) {
    int length = HEADER + payload.remaining();
    memory
        .getByteBuffer(0, length)
        .order(ByteOrder.nativeOrder())
        .putInt(length)
        .putShort((short) type)
        .putShort(flags)
        .putLong(0)
        .put(payload);
    socket.write(memory, length);
  }

  private ByteBuffer receive() {
    int length = socket.read(memory, BUFFER_BYTES);
    return ByteBuffer.wrap(memory.getByteArray(0, length)).order(ByteOrder.nativeOrder());
  }

  /** Takes one message or attribute from the front; they are aligned to four bytes. */
  private static ByteBuffer take(ByteBuffer from, int length) {
    ByteBuffer taken = from.slice(from.position(), length).order(ByteOrder.nativeOrder());
    from.position(Math.min(from.limit(), from.position() + (length + 3) / 4 * 4));
    return taken;
  }

  private static ByteBuffer next(ByteBuffer answer) {
    return take(answer, answer.getInt(answer.position()));
  }

  /** The attributes in the rest of a message or of another attribute, by their types. */
  static Map<Integer, ByteBuffer> attributes(ByteBuffer from) {
    Map<Integer, ByteBuffer> attributes = new HashMap<>();
    from.order(ByteOrder.nativeOrder());
    while (from.remaining() >= ATTRIBUTE_HEADER) {
      ByteBuffer attribute = take(from, Short.toUnsignedInt(from.getShort(from.position())));
      int type = attribute.getShort(Short.BYTES) & ATTRIBUTE_TYPE;
      attribute.position(ATTRIBUTE_HEADER);
      attributes.put(type, attribute.slice().order(ByteOrder.nativeOrder()));
    }
    return attributes;
  }

  static ByteBuffer buffer(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.nativeOrder());
  }

  @Override
  public void close() {
    socket.close();
    memory.close();
  }
}
