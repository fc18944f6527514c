package io.crij.linux.namespace;

import com.sun.jna.Memory;
import com.sun.jna.Native;
import io.crij.linux.Errno;
import io.crij.linux.Fd;
import io.crij.linux.LinuxException;
import io.crij.linux.inet.AddressFamily;
import io.crij.linux.io.Descriptors;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** TCP connections to programs that listen on localhost, in any network namespace. */
public final class Loopback {
  private static final int SOL_SOCKET = 1;
  private static final int SO_SNDTIMEO = 21;

  /** struct sockaddr_in6, which has room for struct sockaddr_in. */
  private static final int ADDRESS_BYTES = 28;

  private static final int IPV4_BYTES = 16;
  private static final int IPV4_ADDRESS = 4;
  private static final int IPV6_LAST_BYTE = 23;

  private Loopback() {}

  /**
   * Connects to 127.0.0.1, or where nobody listens there, to ::1.
   *
   * @param network where the namespace is pinned; null: the program's own
   * @param limit for each of the two
   * @return the connected socket, {@code O_NONBLOCK}
   * @throws LinuxException ECONNREFUSED when nobody listens at either
   */
  public static Fd connect(@Nullable Path network, int port, Duration limit) {
    AtomicReference<@Nullable Fd> connected = new AtomicReference<>();
    Namespaces.onPlatformThread(() -> connected.set(connectEither(network, port, limit)));
    return Objects.requireNonNull(connected.get());
  }

  private static Fd connectEither(@Nullable Path network, int port, Duration limit) {
    int[] sockets =
        network == null
            ? new int[] {open(AddressFamily.AF_INET), open(AddressFamily.AF_INET6)}
            : Namespaces.openSockets(
                network,
                SocketKind.tcp(AddressFamily.AF_INET),
                SocketKind.tcp(AddressFamily.AF_INET6));
    try (Fd ipv4 = sockets[0] < 0 ? null : Fd.owning(sockets[0]);
        Fd ipv6 = sockets[1] < 0 ? null : Fd.owning(sockets[1])) {
      int failed = Errno.EAFNOSUPPORT;
      if (ipv4 != null) {
        failed = connect(ipv4, AddressFamily.AF_INET, port, limit);
        if (failed == 0) {
          return handOver(ipv4);
        }
      }
      // The first failure tells more: most programs listen on IPv4.
      int failedToo = ipv6 == null ? failed : connect(ipv6, AddressFamily.AF_INET6, port, limit);
      if (ipv6 != null && failedToo == 0) {
        return handOver(ipv6);
      }
      throw new LinuxException("connect", "localhost:" + port, failed);
    }
  }

  private static int open(int family) {
    SocketKind kind = SocketKind.tcp(family);
    int socket = Libc.socket(kind.family(), kind.type(), kind.protocol());
    if (socket < 0 && Native.getLastError() != Errno.EAFNOSUPPORT) {
      throw LinuxException.last("socket", "family " + family);
    }
    return socket;
  }

  private static Fd handOver(Fd socket) {
    Descriptors.setNonBlocking(socket);
    return Fd.owning(socket.release());
  }

  /** Returns 0 or the errno. */
  private static int connect(Fd socket, int family, int port, Duration limit) {
    try (Memory time = new Memory(2L * Long.BYTES);
        Memory address = new Memory(ADDRESS_BYTES)) {
      time.setLong(0, limit.toSeconds());
      time.setLong(Long.BYTES, limit.toNanosPart() / 1000);
      address.clear();
      address.setShort(0, (short) family);
      address.setByte(2, (byte) (port >> Byte.SIZE));
      address.setByte(3, (byte) port);
      boolean ipv4 = family == AddressFamily.AF_INET;
      if (ipv4) {
        address.write(IPV4_ADDRESS, new byte[] {127, 0, 0, 1}, 0, 4);
      } else {
        address.setByte(IPV6_LAST_BYTE, (byte) 1);
      }
      int length = ipv4 ? IPV4_BYTES : ADDRESS_BYTES;
      if (Libc.setsockopt(socket.number(), SOL_SOCKET, SO_SNDTIMEO, time, 2 * Long.BYTES) != 0
          || Libc.connect(socket.number(), address, length) != 0) {
        return Native.getLastError();
      }
      return 0;
    }
  }
}
