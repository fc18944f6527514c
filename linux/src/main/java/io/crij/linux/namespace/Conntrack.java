package io.crij.linux.namespace;

import io.crij.linux.Errno;
import io.crij.linux.Fd;
import io.crij.linux.LinuxException;
import io.crij.linux.netlink.Message;
import io.crij.linux.netlink.NetlinkSocket;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
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
  private static final int[] FAMILIES = {2, 10};
  private static final int FAMILY_HEADER = 4;
  private static final int NESTED = 0x8000;
  private static final int ORIGINAL = 1;
  private static final int REPLY = 2;
  private static final int IP = 1;
  private static final int PROTOCOL = 2;
  private static final int PROTOCOL_NUMBER = 1;
  private static final int PROTOCOL_DESTINATION = 3;
  private static final int UDP = 17;

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

  private record Found(int family, ByteBuffer original) {}

  private Conntrack() {}

  /**
   * Has the kernel forget flows of UDP: what is done with their next packet is found out anew.
   *
   * @param network where the namespace is pinned
   * @return how many they were
   * @throws LinuxException also where the kernel tracks no connections
   */
  public static int forgetUdp(Path network, Predicate<Flow> which) {
    List<Found> found = new ArrayList<>();
    Namespaces.onPlatformThread(() -> {
      try (NetlinkSocket netlink = open(network)) {
        for (int family : FAMILIES) {
          netlink
              .dump(GET)
              .fixed(family, FAMILY_HEADER)
              .ask(
                  FAMILY_HEADER,
                  "list tracked connections",
                  message -> {
                    ByteBuffer original = originalIf(which, message);
                    if (original != null) {
                      found.add(new Found(family, original));
                    }
                  });
        }
        found.forEach(flow -> delete(netlink, flow));
      }
    });
    return found.size();
  }

  private static NetlinkSocket open(Path network) {
    int[] opened = Namespaces.openSockets(network, SocketKind.netlink(NETLINK_NETFILTER));
    return NetlinkSocket.of(Fd.owning(opened[0]));
  }

  private static void delete(NetlinkSocket netlink, Found flow) {
    try {
      netlink
          .request(DELETE)
          .fixed(flow.family(), FAMILY_HEADER)
          .attribute(ORIGINAL | NESTED, flow.original())
          .ask(FAMILY_HEADER, "delete a tracked connection", _ -> {});
    } catch (LinuxException e) {
      if (e.errno() != Errno.ENOENT) { // it has ended meanwhile
        throw e;
      }
    }
  }

  /** What names the flow of a message; null when it is another one. */
  private static @Nullable ByteBuffer originalIf(Predicate<Flow> which, Message message) {
    ByteBuffer original = message.attributes().get(ORIGINAL);
    ByteBuffer reply = message.attributes().get(REPLY);
    if (original == null || reply == null) {
      return null;
    }
    Flow flow = flow(Message.attributes(original), Message.attributes(reply));
    return flow != null && which.test(flow) ? ByteBuffer.wrap(bytes(original)) : null;
  }

  private static byte[] bytes(ByteBuffer from) {
    byte[] bytes = new byte[from.limit()];
    from.get(0, bytes);
    return bytes;
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
    byte[] address = bytes(bytes);
    try {
      return InetAddress.getByAddress(address);
    } catch (UnknownHostException e) {
      throw new IllegalStateException("an address of " + address.length + " bytes", e);
    }
  }
}
