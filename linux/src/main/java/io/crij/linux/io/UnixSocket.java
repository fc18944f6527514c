package io.crij.linux.io;

import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import io.crij.linux.Errno;
import io.crij.linux.Fd;
import io.crij.linux.LinuxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/**
 * A connected unix stream socket that carries bytes and descriptors. Sending and receiving may be
 * done by two threads, each by one at a time.
 */
public final class UnixSocket implements AutoCloseable {
  /** SCM_MAX_FD: 254 are refused by the kernel. */
  public static final int MAX_DESCRIPTORS = 253;

  static final int AF_UNIX = 1;
  static final int SOCK_STREAM = 1;
  static final int SOCK_CLOEXEC = 0x80000;

  private static final int SOL_SOCKET = 1;
  private static final int SO_PEERCRED = 17;
  private static final int SHUT_RDWR = 2;
  private static final int MSG_DONTWAIT = 0x40;
  private static final int MSG_NOSIGNAL = 0x4000;
  private static final int MSG_CTRUNC = 8;
  private static final int MSG_CMSG_CLOEXEC = 0x40000000;

  private final Fd fd;
  private final Message outgoing = new Message();
  private final Message incoming = new Message();

  UnixSocket(Fd fd) {
    this.fd = fd;
  }

  /** Takes ownership of a connected descriptor that came from elsewhere. */
  public static UnixSocket owning(Fd fd) {
    return new UnixSocket(fd);
  }

  /**
   * Connects to the socket at {@code path}, of any length.
   *
   * @throws LinuxException ECONNREFUSED when nobody listens there any more
   */
  public static UnixSocket connect(Path path) {
    Fd fd = create();
    try (Fd directory = Fd.open(directory(path), Fd.O_PATH | Fd.O_DIRECTORY, 0);
        Memory address = address(path, directory)) {
      if (IoLibrary.connect(fd.number(), address, (int) address.size()) != 0) {
        LinuxException failure = LinuxException.last("connect", path.toString());
        fd.close();
        throw failure;
      }
      return new UnixSocket(fd);
    }
  }

  static Fd create() {
    int fd = IoLibrary.socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) {
      throw LinuxException.last("socket", "AF_UNIX");
    }
    return Fd.owning(fd);
  }

  static String directory(Path path) {
    Path parent = path.toAbsolutePath().getParent();
    if (parent == null) {
      throw new IllegalArgumentException("not a socket's path: " + path);
    }
    return parent.toString();
  }

  /** struct sockaddr_un. Through the directory's descriptor, because paths end at 107 bytes. */
  static Memory address(Path path, Fd directory) {
    byte[] name =
        (directory.procPath() + "/" + path.getFileName()).getBytes(StandardCharsets.UTF_8);
    Memory address = new Memory(Short.BYTES + name.length + 1L);
    address.clear();
    address.setShort(0, (short) AF_UNIX);
    address.write(Short.BYTES, name, 0, name.length);
    return address;
  }

  public Fd fd() {
    return fd;
  }

  /** Who is at the other end, as of when it connected: SO_PEERCRED. */
  public Peer peer() {
    try (Memory value = new Memory(3L * Integer.BYTES);
        Memory length = new Memory(Integer.BYTES)) {
      length.setInt(0, 3 * Integer.BYTES);
      if (IoLibrary.getsockopt(fd.number(), SOL_SOCKET, SO_PEERCRED, value, length) != 0) {
        throw LinuxException.last("SO_PEERCRED", fd.toString());
      }
      return new Peer(value.getInt(0), value.getInt(4), value.getInt(8));
    }
  }

  /** The process at the other end of a socket. */
  public record Peer(int pid, int uid, int gid) {}

  /**
   * Sends bytes, with descriptors on the first of them; the caller goes on owning those.
   *
   * @return how many bytes went, with all the descriptors; -1 when it would block
   */
  public int send(NativeBuffer buffer, int offset, int length, List<Fd> descriptors) {
    if (descriptors.size() > MAX_DESCRIPTORS) {
      throw new IllegalArgumentException(descriptors.size() + " descriptors in a message");
    }
    outgoing.prepare(buffer.address(offset, length), length, descriptors);
    long n = IoLibrary.sendmsg(fd.number(), outgoing.header, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (n >= 0) {
      return (int) n;
    }
    // Too many descriptors under way: the other end has to take some first.
    return Native.getLastError() == Errno.ETOOMANYREFS ? -1 : Descriptors.wouldBlock("sendmsg", fd);
  }

  /**
   * Receives bytes, never beyond a message that carries descriptors.
   *
   * @param descriptors gets what came, owned by the caller
   * @return how many bytes came, 0 at the end of the stream, -1 when it would block
   */
  public int receive(NativeBuffer buffer, int offset, int length, List<Fd> descriptors) {
    incoming.prepareForAny(buffer.address(offset, length), length);
    long n = IoLibrary.recvmsg(fd.number(), incoming.header, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    if (n < 0) {
      return Descriptors.wouldBlock("recvmsg", fd);
    }
    incoming.takeDescriptors(descriptors);
    if ((incoming.flags() & MSG_CTRUNC) != 0) {
      descriptors.forEach(Fd::close);
      descriptors.clear();
      throw new LinuxException("recvmsg", "descriptors on " + fd, Errno.EMFILE);
    }
    return (int) n;
  }

  /** Ends the stream for both sides and wakes whoever waits; the descriptor stays open. */
  public void shutdown() {
    IoLibrary.shutdown(fd.number(), SHUT_RDWR);
  }

  @Override
  public void close() {
    fd.close();
  }

  /** struct msghdr with one struct iovec and one control message SCM_RIGHTS; of LP64. */
  private static final class Message {
    private static final int SCM_RIGHTS = 1;
    private static final int HEADER_BYTES = 56;
    private static final int IOV = 16;
    private static final int IOV_LENGTH = 24;
    private static final int CONTROL = 32;
    private static final int CONTROL_LENGTH = 40;
    private static final int FLAGS = 48;
    private static final int CMSG_LEVEL = 8;
    private static final int CMSG_TYPE = 12;
    private static final int CMSG_DATA = 16;

    final Memory header = new Memory(HEADER_BYTES);
    private final Memory vector = new Memory(2L * Long.BYTES);
    private final Memory control = new Memory(CMSG_DATA + (MAX_DESCRIPTORS + 1L) * Integer.BYTES);

    void prepare(long address, int length, List<Fd> descriptors) {
      fill(address, length);
      if (!descriptors.isEmpty()) {
        int bytes = CMSG_DATA + descriptors.size() * Integer.BYTES;
        control.clear();
        control.setLong(0, bytes);
        control.setInt(CMSG_LEVEL, SOL_SOCKET);
        control.setInt(CMSG_TYPE, SCM_RIGHTS);
        for (int i = 0; i < descriptors.size(); i++) {
          control.setInt(CMSG_DATA + (long) i * Integer.BYTES, descriptors.get(i).number());
        }
        header.setPointer(CONTROL, control);
        header.setLong(CONTROL_LENGTH, (bytes + 7L) & ~7L);
      }
    }

    void prepareForAny(long address, int length) {
      fill(address, length);
      control.clear();
      header.setPointer(CONTROL, control);
      header.setLong(CONTROL_LENGTH, control.size());
    }

    private void fill(long address, int length) {
      header.clear();
      vector.setLong(0, address);
      vector.setLong(Long.BYTES, length);
      header.setPointer(IOV, vector);
      header.setLong(IOV_LENGTH, 1);
    }

    int flags() {
      return header.getInt(FLAGS);
    }

    void takeDescriptors(List<Fd> into) {
      Pointer message = control;
      if (header.getLong(CONTROL_LENGTH) < CMSG_DATA
          || message.getInt(CMSG_LEVEL) != SOL_SOCKET
          || message.getInt(CMSG_TYPE) != SCM_RIGHTS) {
        return;
      }
      int count = (int) (message.getLong(0) - CMSG_DATA) / Integer.BYTES;
      for (int i = 0; i < count; i++) {
        into.add(Fd.owning(message.getInt(CMSG_DATA + (long) i * Integer.BYTES)));
      }
    }
  }
}
