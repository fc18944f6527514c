package io.crij.linux.namespace;

import io.crij.linux.Errno;
import io.crij.linux.Fd;
import io.crij.linux.LinuxException;
import io.crij.linux.inet.AddressFamily;
import io.crij.linux.netlink.LocalAddresses;
import io.crij.linux.netlink.Message;
import io.crij.linux.netlink.NetlinkSocket;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The flows that the kernel knows in a network namespace, to which it goes on doing what it did
 * with their first packet (linux/netfilter/nfnetlink_conntrack.h).
 */
public final class Conntrack {
  private static final int NETLINK_NETFILTER = 12;
  private static final int GET = 1 << 8 | 1;
  private static final int DELETE = 1 << 8 | 2;
  private static final int[] FAMILIES = {AddressFamily.AF_INET, AddressFamily.AF_INET6};
  private static final int FAMILY_HEADER = 4;
  private static final int NESTED = 0x8000;
  private static final int ORIGINAL = 1;
  private static final int REPLY = 2;
  private static final int IP = 1;
  private static final int PROTOCOL = 2;
  private static final int PROTOCOL_NUMBER = 1;
  private static final int PROTOCOL_DESTINATION = 3;
  private static final int UDP = 17;
  private static final int ID = 12;
  private static final int ZONE = 18;

  /** What names a flow; where there are zones, the addresses and ports alone do not. */
  private static final int[] NAMES = {ORIGINAL, ZONE, ID};

  /**
   * A flow of UDP.
   *
   * @param port that the first packet was sent to
   * @param answerer who answers: another than {@code to} where the flow was led elsewhere
   * @param answered whom the answers are sent to: another than {@code from} where it was masked
   */
  public record Flow(
      InetAddress from, InetAddress to, int port, InetAddress answerer, InetAddress answered) {
    /** Whether the first packet was passed on as it came. */
    public boolean isUnchanged() {
      return from.equals(answered) && to.equals(answerer);
    }
  }

  private Conntrack() {}

  /**
   * Has the kernel forget flows of UDP to addresses of the namespace itself: what is done with
   * their next packet is found out anew. One that cannot be forgotten does not keep the others.
   *
   * @param network where the namespace is pinned
   * @throws LinuxException if some are still there; also where the kernel tracks no connections
   */
  public static void forgetUdp(Path network, Predicate<Flow> which) {
    Namespaces.onPlatformThread(() -> {
      int[] opened =
          Namespaces.openSockets(
              network,
              SocketKind.netlink(NETLINK_NETFILTER),
              SocketKind.netlink(NETLINK_NETFILTER),
              SocketKind.netlink(LocalAddresses.NETLINK_ROUTE));
      try (NetlinkSocket all = NetlinkSocket.of(Fd.owning(opened[0]));
          NetlinkSocket deletions = NetlinkSocket.of(Fd.owning(opened[1]));
          NetlinkSocket route = NetlinkSocket.of(Fd.owning(opened[2]))) {
        LocalAddresses local = new LocalAddresses(route);
        Deleting deleting = new Deleting(deletions);
        for (int family : FAMILIES) {
          all.dump(GET)
              .fixed(family, FAMILY_HEADER)
              .ask(
                  FAMILY_HEADER,
                  "list tracked connections",
                  message -> {
                    Flow flow = flow(message);
                    if (flow != null && which.test(flow) && local.contains(flow.to())) {
                      deleting.delete(family, message);
                    }
                  });
        }
        deleting.check();
      }
    });
  }

  /** Deletes one after the other, while they are listed: the list may be long. */
  private static final class Deleting {
    private final NetlinkSocket netlink;
    private int failures;
    private int errno;

    Deleting(NetlinkSocket netlink) {
      this.netlink = netlink;
    }

    void delete(int family, Message flow) {
      NetlinkSocket request = netlink.request(DELETE).fixed(family, FAMILY_HEADER);
      for (int name : NAMES) {
        ByteBuffer value = flow.attributes().get(name);
        if (value != null) {
          request.attribute(name == ORIGINAL ? ORIGINAL | NESTED : name, value);
        }
      }
      try {
        request.ask(FAMILY_HEADER, "delete a tracked connection", _ -> {});
      } catch (LinuxException e) {
        if (e.errno() != Errno.ENOENT) { // it has ended meanwhile, and another may have its tuple
          failures++;
          errno = e.errno();
        }
      }
    }

    void check() {
      if (failures > 0) {
        throw new LinuxException("delete", failures + " tracked connections", errno);
      }
    }
  }

  /** Null when it is no flow of UDP. */
  private static @Nullable Flow flow(Message message) {
    ByteBuffer original = message.attributes().get(ORIGINAL);
    ByteBuffer reply = message.attributes().get(REPLY);
    return original == null || reply == null
        ? null
        : flow(Message.attributes(original), Message.attributes(reply));
  }

  private static @Nullable Flow flow(
      Map<Integer, ByteBuffer> original, Map<Integer, ByteBuffer> reply) {
    ByteBuffer protocol = original.get(PROTOCOL);
    ByteBuffer there = original.get(IP);
    ByteBuffer back = reply.get(IP);
    if (protocol == null || there == null || back == null) {
      return null;
    }
    Map<Integer, ByteBuffer> numbers = Message.attributes(protocol);
    ByteBuffer number = numbers.get(PROTOCOL_NUMBER);
    ByteBuffer port = numbers.get(PROTOCOL_DESTINATION);
    if (number == null || port == null || number.get(0) != UDP) {
      return null;
    }
    List<InetAddress> addresses = addresses(there);
    List<InetAddress> answers = addresses(back);
    return new Flow(
        addresses.getFirst(),
        addresses.getLast(),
        Short.toUnsignedInt(port.order(ByteOrder.BIG_ENDIAN).getShort(0)),
        answers.getFirst(),
        answers.getLast());
  }

  /** Source and destination; they are 1 and 2 with IPv4, 3 and 4 with IPv6. */
  private static List<InetAddress> addresses(ByteBuffer ip) {
    return Message.attributes(ip).entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .map(address -> address(address.getValue()))
        .toList();
  }

  private static InetAddress address(ByteBuffer bytes) {
    byte[] address = new byte[bytes.limit()];
    bytes.get(0, address);
    try {
      return InetAddress.getByAddress(address);
    } catch (UnknownHostException e) {
      throw new IllegalStateException("an address of " + address.length + " bytes", e);
    }
  }
}
