package io.crij.monitor.runtime;

import io.crij.linux.Errno;
import io.crij.linux.Fd;
import io.crij.linux.LinuxException;
import io.crij.linux.io.Descriptors;
import io.crij.linux.io.NativeBuffer;
import io.crij.linux.io.UnixListener;
import io.crij.linux.io.UnixSocket;
import io.crij.linux.process.CurrentProcess;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Where the runtime hands over the master of a container's terminal: option {@code
 * --console-socket}.
 */
public final class ConsoleSocket implements AutoCloseable {
  private static final int NAME_BYTES = 4096;

  private final UnixListener listener;
  private final Fd folder;
  private final Path path;

  private ConsoleSocket(UnixListener listener, Fd folder, Path path) {
    this.listener = listener;
    this.folder = folder;
    this.path = path;
  }

  /** Listens in a folder that only root can enter. */
  public static ConsoleSocket bind(Path folder, String name) {
    UnixListener listener = UnixListener.bind(folder.resolve(name));
    try {
      Fd open = Fd.open(folder.toString(), Fd.O_PATH | Fd.O_DIRECTORY, 0);
      return new ConsoleSocket(listener, open, folder.resolve(name));
    } catch (LinuxException e) {
      listener.close();
      throw e;
    }
  }

  /** For the runtime to connect to; short enough for a socket's address whatever the folder. */
  public String path() {
    return "/proc/" + CurrentProcess.pid() + "/fd/" + folder.number() + "/" + path.getFileName();
  }

  /**
   * The master, {@code O_NONBLOCK}; to be asked after the runtime has ended successfully.
   *
   * @throws LinuxException ENODATA when it has sent none
   */
  public Fd takeMaster() {
    UnixSocket connection = listener.accept();
    if (connection == null) {
      throw new LinuxException("receive the terminal on", path.toString(), Errno.ENODATA);
    }
    try (connection) {
      List<Fd> descriptors = new ArrayList<>();
      connection.receive(NativeBuffer.allocate(NAME_BYTES), 0, NAME_BYTES, descriptors);
      if (descriptors.size() != 1) {
        descriptors.forEach(Fd::close);
        throw new LinuxException("receive the terminal on", path.toString(), Errno.ENODATA);
      }
      Fd master = descriptors.getFirst();
      Descriptors.setNonBlocking(master);
      return master;
    }
  }

  @Override
  public void close() {
    listener.close();
    folder.close();
  }
}
