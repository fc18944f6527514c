package io.crij.linux.inet;

import com.sun.jna.Memory;
import io.crij.linux.Errno;
import io.crij.linux.Fd;
import io.crij.linux.LinuxException;
import io.crij.linux.io.NativeBuffer;
import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/**
 * A socket of TCP, UDP or SCTP that never waits. What is connected is read and written by {@link
 * io.crij.linux.io.Descriptors}; for one thread at a time.
 */
public final class InetSocket implements AutoCloseable {
  private static final int SOCK_NONBLOCK = 0x800;
  private static final int SOCK_CLOEXEC = 0x80000;
  private static final int BACKLOG = 1024;
  private static final int SOL_SOCKET = 1;
  private static final int SO_REUSEADDR = 2;
  private static final int SO_KEEPALIVE = 9;
  private static final int IPPROTO_TCP = 6;
  private static final int TCP_NODELAY = 1;
  private static final int IPPROTO_IPV6 = 41;
  private static final int IPV6_V6ONLY = 26;
  private static final int MSG_PEEK = 2;

  private final Fd fd;
  private final Transport transport;
  private final Memory peer = new Memory(SocketAddress.MAX_BYTES);
  private final Memory length = new Memory(Integer.BYTES);

  private InetSocket(Fd fd, Transport transport) {
    this.fd = fd;
    this.transport = transport;
  }

  /**
   * Takes a port: of one family alone, also where the address is {@code ::}.
   *
   * @throws LinuxException EADDRINUSE when another has it, EADDRNOTAVAIL when the address is not
   *     this machine's, EPROTONOSUPPORT when the kernel has no such protocol
   */
  public static InetSocket listen(Transport transport, InetAddress address, int port) {
    String subject = transport + " port " + port + " of " + address.getHostAddress();
    InetSocket socket = create(transport, address, subject);
    try (Memory at = SocketAddress.of(address, port).toMemory()) {
      int number = socket.fd.number();
      if (AddressFamily.of(address) == AddressFamily.AF_INET6) {
        socket.set(IPPROTO_IPV6, IPV6_V6ONLY);
      }
      if (transport.isStream()) {
        // Connections that have ended hold the port for a minute else.
        socket.set(SOL_SOCKET, SO_REUSEADDR);
      }
      if (InetLibrary.bind(number, at, (int) at.size()) != 0
          || (transport.isStream() && InetLibrary.listen(number, BACKLOG) != 0)) {
        throw LinuxException.last("listen", subject);
      }
      return socket;
    } catch (LinuxException e) {
      socket.close();
      throw e;
    }
  }

  /**
   * Begins to connect: writable once connected; what goes wrong is told by the first read.
   *
   * @throws LinuxException when there is no way to it
   */
  public static InetSocket connect(Transport transport, InetAddress address, int port) {
    String subject = transport + " port " + port + " of " + address.getHostAddress();
    InetSocket socket = create(transport, address, subject);
    try (Memory to = SocketAddress.of(address, port).toMemory()) {
      if (InetLibrary.connect(socket.fd.number(), to, (int) to.size()) != 0) {
        LinuxException failure = LinuxException.last("connect", subject);
        if (failure.errno() != Errno.EINPROGRESS) {
          throw failure;
        }
      }
      socket.prepareStream();
      return socket;
    } catch (LinuxException e) {
      socket.close();
      throw e;
    }
  }

  private static InetSocket create(Transport transport, InetAddress address, String subject) {
    int number =
        InetLibrary.socket(
            AddressFamily.of(address),
            transport.socketType | SOCK_NONBLOCK | SOCK_CLOEXEC,
            transport.protocol);
    if (number < 0) {
      throw LinuxException.last("socket", subject);
    }
    return new InetSocket(Fd.owning(number), transport);
  }

  private void prepareStream() {
    if (transport.isStream()) {
      // An end that is gone without a word would be waited for without end.
      set(SOL_SOCKET, SO_KEEPALIVE);
    }
    if (transport == Transport.TCP) {
      set(IPPROTO_TCP, TCP_NODELAY);
    }
  }

  private void set(int level, int option) {
    try (Memory one = new Memory(Integer.BYTES)) {
      one.setInt(0, 1);
      if (InetLibrary.setsockopt(fd.number(), level, option, one, Integer.BYTES) != 0) {
        throw LinuxException.last("setsockopt", transport + " " + fd);
      }
    }
  }

  public Fd fd() {
    return fd;
  }

  /** The next connection; null when none waits. */
  public @Nullable InetSocket accept() {
    int number = InetLibrary.accept4(fd.number(), 0, 0, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (counted(number, "accept") < 0) {
      return null;
    }
    InetSocket accepted = new InetSocket(Fd.owning(number), transport);
    accepted.prepareStream();
    return accepted;
  }

  /** Reads what comes next and leaves it there; 0 at the end, -1 when there is nothing yet. */
  public int peek(NativeBuffer into) {
    int count = into.capacity();
    return counted(
        InetLibrary.recvfrom(fd.number(), into.bytes(), count, MSG_PEEK, null, null), "receive");
  }

  /**
   * Takes a datagram.
   *
   * @return its length; -1 when there is none
   */
  public int receive(NativeBuffer into) {
    int count = into.capacity();
    length.setInt(0, SocketAddress.MAX_BYTES);
    return counted(
        InetLibrary.recvfrom(fd.number(), into.bytes(), count, 0, peer, length), "receive");
  }

  /** Who has sent the datagram that was taken last. */
  public SocketAddress sender() {
    return SocketAddress.copy(peer, length.getInt(0));
  }

  /** Sends a datagram; one that the kernel has no room for is lost, as on a network. */
  public void send(NativeBuffer from, int count, SocketAddress to) {
    int bytes = to.writeTo(peer);
    int _ = counted(InetLibrary.sendto(fd.number(), from.bytes(), count, 0, peer, bytes), "send");
  }

  private int counted(long result, String call) {
    if (result >= 0) {
      return (int) result;
    }
    LinuxException failure = LinuxException.last(call, transport + " " + fd);
    if (failure.errno() == Errno.EAGAIN || failure.errno() == Errno.EINTR) {
      return -1;
    }
    throw failure;
  }

  @Override
  public void close() {
    fd.close();
    peer.close();
    length.close();
  }
}
