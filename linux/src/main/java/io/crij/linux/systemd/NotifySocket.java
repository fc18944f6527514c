package io.crij.linux.systemd;

import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import io.crij.linux.Errno;
import io.crij.linux.Fd;
import io.crij.linux.LinuxException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** A datagram socket of systemd's, such as {@code NOTIFY_SOCKET} names; never blocks. */
final class NotifySocket implements AutoCloseable {
  private static final int AF_UNIX = 1;
  private static final int SOCK_DGRAM = 2;
  private static final int SOCK_CLOEXEC = 0x80000;
  private static final int SOL_SOCKET = 1;
  private static final int SCM_RIGHTS = 1;
  private static final int MSG_DONTWAIT = 0x40;
  private static final int MSG_NOSIGNAL = 0x4000;

  /** {@code sizeof(sockaddr_un)} without the family; a path needs its zero byte in it too. */
  private static final int MAX_NAME_BYTES = 108;

  // struct msghdr, iovec and cmsghdr of LP64.
  private static final int HEADER_BYTES = 56;
  private static final int NAME = 0;
  private static final int NAME_LENGTH = 8;
  private static final int VECTOR = 16;
  private static final int VECTOR_LENGTH = 24;
  private static final int CONTROL = 32;
  private static final int CONTROL_LENGTH = 40;
  private static final int CMSG_BYTES = 24;
  private static final int CMSG_LENGTH = 20;
  private static final int CMSG_LEVEL = 8;
  private static final int CMSG_TYPE = 12;
  private static final int CMSG_DATA = 16;

  private final Fd fd;
  private final String name;
  private final byte[] address;

  private NotifySocket(Fd fd, String name, byte[] address) {
    this.fd = fd;
    this.name = name;
    this.address = address;
  }

  /**
   * Opens it.
   *
   * @param name a path, or an abstract name after an {@code @}
   * @return null for what is neither, such as an address of AF_VSOCK
   */
  static @Nullable NotifySocket open(String name) {
    byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
    boolean isPath = name.startsWith("/");
    boolean isAbstract = name.startsWith("@");
    if (!(isPath || isAbstract) || bytes.length < 2 || bytes.length >= MAX_NAME_BYTES) {
      return null;
    }
    if (isAbstract) {
      bytes[0] = 0;
    }
    byte[] address = new byte[Short.BYTES + bytes.length + (isPath ? 1 : 0)];
    System.arraycopy(bytes, 0, address, Short.BYTES, bytes.length);
    int fd = NotifyLibrary.socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0) {
      throw LinuxException.last("socket", "AF_UNIX");
    }
    return new NotifySocket(Fd.owning(fd), name, address);
  }

  /**
   * Sends a message.
   *
   * @param passed a descriptor that goes with it
   * @return false when the other end has no room for it now
   * @throws LinuxException when there is no such socket any more
   */
  boolean send(byte[] text, @Nullable Fd passed) {
    try (Memory header = new Memory(HEADER_BYTES);
        Memory name = new Memory(address.length);
        Memory bytes = new Memory(text.length);
        Memory vector = new Memory(2L * Long.BYTES);
        Memory control = new Memory(CMSG_BYTES)) {
      header.clear();
      name.write(0, address, 0, address.length);
      name.setShort(0, (short) AF_UNIX);
      header.setPointer(NAME, name);
      header.setInt(NAME_LENGTH, address.length);
      bytes.write(0, text, 0, text.length);
      vector.setPointer(0, bytes);
      vector.setLong(Long.BYTES, text.length);
      header.setPointer(VECTOR, vector);
      header.setLong(VECTOR_LENGTH, 1);
      if (passed != null) {
        attach(control, passed);
        header.setPointer(CONTROL, control);
        header.setLong(CONTROL_LENGTH, CMSG_BYTES);
      }
      return send(header);
    }
  }

  private static void attach(Memory control, Fd passed) {
    control.clear();
    control.setLong(0, CMSG_LENGTH);
    control.setInt(CMSG_LEVEL, SOL_SOCKET);
    control.setInt(CMSG_TYPE, SCM_RIGHTS);
    control.setInt(CMSG_DATA, passed.number());
  }

  private boolean send(Pointer header) {
    if (NotifyLibrary.sendmsg(fd.number(), header, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0) {
      return true;
    }
    int errno = Native.getLastError();
    if (errno == Errno.EAGAIN || errno == Errno.EINTR || errno == Errno.ETOOMANYREFS) {
      return false;
    }
    throw new LinuxException("sendmsg", name, errno);
  }

  @Override
  public void close() {
    fd.close();
  }
}
