package io.crij.linux.netlink;

import io.crij.linux.Errno;
import io.crij.linux.Fd;
import io.crij.linux.LinuxException;
import io.crij.linux.io.Descriptors;
import io.crij.linux.io.NativeBuffer;
import java.nio.ByteBuffer;
import java.util.function.Consumer;

/** Requests to a part of the kernel (netlink(7)), one after the other, of one thread at a time. */
public final class NetlinkSocket implements AutoCloseable {
  private static final int AF_NETLINK = 16;
  private static final int SOCK_RAW_FLAGS = 3 | 0x80000 | 0x800; // SOCK_CLOEXEC, SOCK_NONBLOCK
  private static final int BUFFER_BYTES = 64 << 10; // a part of a dump is 32 KiB at most

  private static final short NLM_F_REQUEST = 1;
  private static final short NLM_F_ACK = 4;
  private static final short NLM_F_DUMP = 0x300;
  private static final int NLMSG_ERROR = 2;
  private static final int NLMSG_DONE = 3;

  private final Fd socket;
  private final NativeBuffer buffer = NativeBuffer.allocate(BUFFER_BYTES);

  private NetlinkSocket(Fd socket) {
    this.socket = socket;
  }

  /**
   * A socket in the network namespace of this thread.
   *
   * @param protocol a part of the kernel, for example 12 for netfilter
   */
  public static NetlinkSocket open(int protocol) {
    int number = NetlinkLibrary.socket(AF_NETLINK, SOCK_RAW_FLAGS, protocol);
    if (number < 0) {
      throw LinuxException.last("socket", "of netlink");
    }
    return of(Fd.owning(number));
  }

  /** Takes over a socket that was opened elsewhere, and does not block. */
  public static NetlinkSocket of(Fd socket) {
    return new NetlinkSocket(socket);
  }

  /** Begins a request for one thing, or for a change; its fixed part follows, and attributes. */
  public NetlinkSocket request(int type) {
    return begin(type, NLM_F_ACK);
  }

  /** Begins a request for all of something; its fixed part follows, and attributes. */
  public NetlinkSocket dump(int type) {
    return begin(type, NLM_F_DUMP);
  }

  private NetlinkSocket begin(int type, short flag) {
    ByteBuffer bytes = buffer.bytes().clear();
    bytes.putInt(0).putShort((short) type).putShort((short) (NLM_F_REQUEST | flag));
    bytes.putLong(0);
    return this;
  }

  /** The fixed part: zeros but for the first byte, mostly an address family. */
  public NetlinkSocket fixed(int first, int length) {
    ByteBuffer bytes = buffer.bytes();
    int start = bytes.position();
    bytes.put(new byte[length]).put(start, (byte) first);
    return this;
  }

  public NetlinkSocket attribute(int type, int value) {
    header(type, Integer.BYTES).putInt(value);
    return this;
  }

  public NetlinkSocket attribute(int type, ByteBuffer value) {
    int padding = Message.align(value.remaining()) - value.remaining();
    header(type, value.remaining()).put(value.duplicate()).put(new byte[padding]);
    return this;
  }

  private ByteBuffer header(int type, int length) {
    return buffer
        .bytes()
        .putShort((short) (Message.ATTRIBUTE_HEADER_BYTES + length))
        .putShort((short) type);
  }

  /**
   * Sends what was begun, and reads until the kernel says that this was all.
   *
   * @param fixedBytes of the messages that are answered
   * @param what is done, for messages of errors
   * @param reader is given each message, to be read at once
   * @throws LinuxException with the kernel's answer, when it is an error
   */
  public void ask(int fixedBytes, String what, Consumer<Message> reader) {
    int length = buffer.bytes().position();
    buffer.bytes().putInt(0, length);
    if (Descriptors.write(socket, buffer, 0, length) != length) {
      throw new LinuxException("write to netlink", what, Errno.EAGAIN);
    }
    boolean ended = false;
    while (!ended) {
      // The kernel has answered when write(2) is done, and makes each part of a dump in read(2).
      int count = Descriptors.read(socket, buffer, 0, buffer.capacity());
      if (count <= 0) {
        throw new LinuxException("read from netlink", what, Errno.EAGAIN);
      }
      ByteBuffer answer = buffer.bytes().duplicate().order(buffer.bytes().order());
      answer.position(0).limit(count);
      while (answer.remaining() >= Message.HEADER_BYTES) {
        Message message = Message.next(answer, fixedBytes);
        if (isEnd(message, what)) {
          ended = true;
        } else {
          reader.accept(message);
        }
      }
    }
  }

  private static boolean isEnd(Message message, String what) {
    if (message.type() != NLMSG_ERROR && message.type() != NLMSG_DONE) {
      return false;
    }
    int errno = message.fixed().limit() < Integer.BYTES ? 0 : -message.fixed().getInt(0);
    if (errno > 0) {
      throw new LinuxException("netlink", what, errno);
    }
    return true;
  }

  @Override
  public void close() {
    socket.close();
  }
}
