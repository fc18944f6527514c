package io.crij.linux.inet;

import com.sun.jna.Memory;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.Arrays;

/** An address and a port as the kernel writes them: {@code struct sockaddr_in} or {@code _in6}. */
public final class SocketAddress {
  /** Of the longer one. */
  static final int MAX_BYTES = 28;

  private static final int IPV4_BYTES = 16;
  private static final int PORT = 2;
  private static final int IPV4 = 4;
  private static final int IPV6 = 8;

  private final byte[] bytes;

  private SocketAddress(byte[] bytes) {
    this.bytes = bytes;
  }

  static SocketAddress of(InetAddress address, int port) {
    boolean ipv6 = address instanceof Inet6Address;
    try (Memory memory = new Memory(ipv6 ? MAX_BYTES : IPV4_BYTES)) {
      memory.clear();
      memory.setShort(0, (short) AddressFamily.of(address));
      memory.setByte(PORT, (byte) (port >> Byte.SIZE));
      memory.setByte(PORT + 1, (byte) port);
      byte[] ip = address.getAddress();
      memory.write(ipv6 ? IPV6 : IPV4, ip, 0, ip.length);
      return copy(memory, (int) memory.size());
    }
  }

  static SocketAddress copy(Memory address, int length) {
    return new SocketAddress(address.getByteArray(0, length));
  }

  Memory toMemory() {
    Memory memory = new Memory(bytes.length);
    writeTo(memory);
    return memory;
  }

  /** Returns its length. */
  int writeTo(Memory memory) {
    memory.write(0, bytes, 0, bytes.length);
    return bytes.length;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof SocketAddress address && Arrays.equals(bytes, address.bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }
}
