package io.crij.linux.inet;

import com.sun.jna.Native;
import com.sun.jna.Pointer;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** The C functions of this package. Of buffers all is meant, whatever their position. */
final class InetLibrary {
  static {
    Native.register(InetLibrary.class, "c");
  }

  private InetLibrary() {}

  static native int socket(int domain, int type, int protocol);

  static native int bind(int socket, Pointer address, int length);

  static native int listen(int socket, int backlog);

  static native int connect(int socket, Pointer address, int length);

  static native int accept4(int socket, long address, long length, int flags);

  static native int setsockopt(int socket, int level, int option, Pointer value, int length);

  static native long recvfrom(
      int socket,
      ByteBuffer buffer,
      long count,
      int flags,
      @Nullable Pointer address,
      @Nullable Pointer length);

  static native long sendto(
      int socket, ByteBuffer buffer, long count, int flags, Pointer address, int length);
}
