package io.crij.linux.netlink;

import io.crij.linux.Errno;
import io.crij.linux.Fd;
import io.crij.linux.LinuxException;
import io.crij.linux.io.Descriptors;
import io.crij.linux.io.NativeBuffer;
import io.crij.linux.netlink.NetworkInterface.Traffic;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Asks the kernel about network interfaces (rtnetlink(7)); of one thread at a time.
 *
 * <p>No thread enters another namespace: the kernel answers for one that has a number in the
 * program's own ({@code IFLA_TARGET_NETNSID}, Linux 4.15). It is given one when it has none, and
 * loses it with its end.
 */
public final class RouteSocket implements AutoCloseable {
  private static final int AF_NETLINK = 16;
  private static final int SOCK_RAW_FLAGS = 3 | 0x80000 | 0x800; // SOCK_CLOEXEC, SOCK_NONBLOCK
  private static final int BUFFER_BYTES = 64 << 10; // a part of a dump is 32 KiB at most

  private static final short NLM_F_REQUEST = 1;
  private static final short NLM_F_ACK = 4;
  private static final short NLM_F_DUMP = 0x300;
  private static final int NLMSG_ERROR = 2;
  private static final int NLMSG_DONE = 3;

  private static final short RTM_NEWLINK = 16;
  private static final short RTM_GETLINK = 18;
  private static final short RTM_NEWNSID = 88;
  private static final short RTM_GETNSID = 90;
  private static final int RTGENMSG_BYTES = 4; // one byte, padded
  private static final short NETNSA_NSID = 1;
  private static final short NETNSA_FD = 3;
  private static final int NO_NUMBER = -1;

  private static final int IFINFOMSG_BYTES = 16;
  private static final int IFINFOMSG_FLAGS = 8;
  private static final int IFF_LOOPBACK = 8;
  private static final int IFLA_IFNAME = 3;
  private static final int IFLA_STATS64 = 23;
  private static final short IFLA_TARGET_NETNSID = 46;

  private final Fd socket;
  private final NativeBuffer buffer = NativeBuffer.allocate(BUFFER_BYTES);

  private RouteSocket(Fd socket) {
    this.socket = socket;
  }

  public static RouteSocket open() {
    int number = NetlinkLibrary.socket(AF_NETLINK, SOCK_RAW_FLAGS, 0);
    if (number < 0) {
      throw LinuxException.last("socket", "of netlink");
    }
    return new RouteSocket(Fd.owning(number));
  }

  /**
   * The interfaces of a network namespace.
   *
   * @param namespace where it is pinned
   * @throws LinuxException when it is not there
   */
  public List<NetworkInterface> interfaces(Path namespace) {
    int number;
    try (Fd fd = Fd.open(namespace.toString(), Fd.O_RDONLY, 0)) {
      number = number(fd, namespace);
      if (number == NO_NUMBER) {
        giveNumber(fd, namespace);
        number = number(fd, namespace);
      }
    }
    List<NetworkInterface> interfaces = new ArrayList<>();
    begin(RTM_GETLINK, (short) (NLM_F_REQUEST | NLM_F_DUMP), IFINFOMSG_BYTES);
    attribute(IFLA_TARGET_NETNSID, number);
    ask(
        IFINFOMSG_BYTES,
        "list interfaces of " + namespace,
        message -> {
          NetworkInterface one = message.type() == RTM_NEWLINK ? read(message) : null;
          if (one != null) {
            interfaces.add(one);
          }
        });
    return interfaces;
  }

  private int number(Fd namespace, Path shown) {
    int[] number = {NO_NUMBER};
    begin(RTM_GETNSID, (short) (NLM_F_REQUEST | NLM_F_ACK), RTGENMSG_BYTES);
    attribute(NETNSA_FD, namespace.number());
    ask(
        RTGENMSG_BYTES,
        "find the number of " + shown,
        message -> {
          ByteBuffer value = message.attributes().get((int) NETNSA_NSID);
          if (message.type() == RTM_NEWNSID && value != null) {
            number[0] = value.getInt(0);
          }
        });
    return number[0];
  }

  private void giveNumber(Fd namespace, Path shown) {
    begin(RTM_NEWNSID, (short) (NLM_F_REQUEST | NLM_F_ACK), RTGENMSG_BYTES);
    attribute(NETNSA_NSID, NO_NUMBER); // the kernel chooses
    attribute(NETNSA_FD, namespace.number());
    try {
      ask(RTGENMSG_BYTES, "give a number to " + shown, _ -> {});
    } catch (LinuxException e) {
      if (e.errno() != Errno.EEXIST) { // another was faster
        throw e;
      }
    }
  }

  private static @Nullable NetworkInterface read(Message message) {
    ByteBuffer name = message.attributes().get(IFLA_IFNAME);
    ByteBuffer stats = message.attributes().get(IFLA_STATS64);
    if (name == null || stats == null) {
      return null;
    }
    byte[] text = new byte[name.limit() - 1]; // ends with a NUL
    name.get(0, text);
    return new NetworkInterface(
        new String(text, StandardCharsets.UTF_8),
        (message.fixed().getInt(IFINFOMSG_FLAGS) & IFF_LOOPBACK) != 0,
        traffic(stats, 0),
        traffic(stats, 1));
  }

  /** Of struct rtnl_link_stats64, which begins with four figures for both directions. */
  private static Traffic traffic(ByteBuffer stats, int direction) {
    long[] figures = new long[4];
    for (int i = 0; i < figures.length; i++) {
      figures[i] = stats.getLong((2 * i + direction) * Long.BYTES);
    }
    return new Traffic(figures[0], figures[1], figures[2], figures[3]);
  }

  private void begin(short type, short flags, int fixedBytes) {
    ByteBuffer bytes = buffer.bytes().clear();
    bytes.putInt(0).putShort(type).putShort(flags).putInt(0).putInt(0);
    bytes.put(new byte[fixedBytes]);
  }

  private void attribute(short type, int value) {
    buffer
        .bytes()
        .putShort((short) (Message.ATTRIBUTE_HEADER_BYTES + Integer.BYTES))
        .putShort(type)
        .putInt(value);
  }

  /** Sends what was begun, and reads until the kernel says that this was all. */
  private void ask(int fixedBytes, String what, Consumer<Message> reader) {
    int length = buffer.bytes().position();
    buffer.bytes().putInt(0, length);
    if (Descriptors.write(socket, buffer, 0, length) != length) {
      throw new IllegalStateException(what + ": netlink takes no more");
    }
    boolean ended = false;
    while (!ended) {
      // The kernel has answered when write(2) is done, and makes each part of a dump in read(2).
      int count = Descriptors.read(socket, buffer, 0, buffer.capacity());
      if (count <= 0) {
        throw new IllegalStateException(what + ": netlink gives no end");
      }
      ByteBuffer answer = buffer.bytes().duplicate().order(buffer.bytes().order());
      answer.position(0).limit(count);
      while (answer.remaining() >= Message.HEADER_BYTES) {
        Message message = Message.next(answer, fixedBytes);
        ended |= isEnd(message, what);
        reader.accept(message);
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
