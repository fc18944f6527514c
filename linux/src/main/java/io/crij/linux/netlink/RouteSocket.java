package io.crij.linux.netlink;

import io.crij.linux.Errno;
import io.crij.linux.Fd;
import io.crij.linux.LinuxException;
import io.crij.linux.netlink.NetworkInterface.Traffic;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Asks the kernel about network interfaces (rtnetlink(7)); of one thread at a time.
 *
 * <p>No thread enters another namespace: the kernel answers for one that has a number in the
 * program's own ({@code IFLA_TARGET_NETNSID}, Linux 4.15). It is given one when it has none, and
 * loses it with its end.
 */
public final class RouteSocket implements AutoCloseable {
  private static final int RTM_NEWLINK = 16;
  private static final int RTM_GETLINK = 18;
  private static final int RTM_NEWNSID = 88;
  private static final int RTM_GETNSID = 90;
  private static final int RTGENMSG_BYTES = 4; // one byte, padded
  private static final int NETNSA_NSID = 1;
  private static final int NETNSA_FD = 3;
  private static final int NO_NUMBER = -1;

  private static final int IFINFOMSG_BYTES = 16;
  private static final int IFINFOMSG_FLAGS = 8;
  private static final int IFF_LOOPBACK = 8;
  private static final int IFLA_IFNAME = 3;
  private static final int IFLA_STATS64 = 23;
  private static final int IFLA_TARGET_NETNSID = 46;

  private final NetlinkSocket netlink;

  private RouteSocket(NetlinkSocket netlink) {
    this.netlink = netlink;
  }

  public static RouteSocket open() {
    return new RouteSocket(NetlinkSocket.open(LocalAddresses.NETLINK_ROUTE));
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
    netlink
        .dump(RTM_GETLINK)
        .fixed(0, IFINFOMSG_BYTES)
        .attribute(IFLA_TARGET_NETNSID, number)
        .ask(
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
    netlink
        .request(RTM_GETNSID)
        .fixed(0, RTGENMSG_BYTES)
        .attribute(NETNSA_FD, namespace.number())
        .ask(
            RTGENMSG_BYTES,
            "find the number of " + shown,
            message -> {
              ByteBuffer value = message.attributes().get(NETNSA_NSID);
              if (message.type() == RTM_NEWNSID && value != null) {
                number[0] = value.getInt(0);
              }
            });
    return number[0];
  }

  private void giveNumber(Fd namespace, Path shown) {
    try {
      netlink
          .request(RTM_NEWNSID)
          .fixed(0, RTGENMSG_BYTES)
          .attribute(NETNSA_NSID, NO_NUMBER) // the kernel chooses
          .attribute(NETNSA_FD, namespace.number())
          .ask(RTGENMSG_BYTES, "give a number to " + shown, _ -> {});
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

  @Override
  public void close() {
    netlink.close();
  }
}
