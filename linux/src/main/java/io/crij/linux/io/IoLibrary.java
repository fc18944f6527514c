package io.crij.linux.io;

import com.sun.jna.Native;
import com.sun.jna.Pointer;

/**
 * The functions of the C library that deal with descriptors. Addresses are passed as numbers: the
 * cheapest way through JNA.
 */
final class IoLibrary {
  static {
    Native.register(IoLibrary.class, "c");
  }

  private IoLibrary() {}

  static native long read(int fd, long buffer, long count);

  static native long write(int fd, long buffer, long count);

  static native long writev(int fd, long pieces, int count);

  static native long memchr(long memory, int value, long count);

  static native long pread(int fd, long buffer, long count, long offset);

  static native long lseek(int fd, long offset, int whence);

  static native int ftruncate(int fd, long length);

  static native int posix_fadvise(int fd, long offset, long length, int advice);

  static native int fchown(int fd, int uid, int gid);

  static native int flock(int fd, int operation);

  static native int memfd_create(String name, int flags);

  static native int statx(int directory, String path, int flags, int mask, Pointer result);

  static native int pipe2(Pointer fds, int flags);

  static native long tee(int in, int out, long length, int flags);

  static native long splice(int in, long inOffset, int out, long outOffset, long length, int flags);

  static native int epoll_create1(int flags);

  static native int epoll_ctl(int epoll, int operation, int fd, Pointer event);

  static native int eventfd(int value, int flags);

  static native int poll(Pointer fds, long count, int timeoutMillis);

  static native int socket(int domain, int type, int protocol);

  static native int connect(int fd, Pointer address, int length);

  static native int bind(int fd, Pointer address, int length);

  static native int listen(int fd, int backlog);

  static native int accept4(int fd, long address, long length, int flags);

  static native int shutdown(int fd, int how);

  static native int getsockopt(int fd, int level, int option, Pointer value, Pointer length);

  static native long sendmsg(int fd, Pointer message, int flags);

  static native long recvmsg(int fd, Pointer message, int flags);

  static native long mmap(long address, long length, int protection, int flags, int fd, long off);

  static native int munmap(long address, long length);

  // Not declared variadic: integer arguments travel in the same registers on x86-64 and AArch64.
  static native int fcntl(int fd, int command, int argument);

  static native int ioctl(int fd, long request, Pointer argument);
}
