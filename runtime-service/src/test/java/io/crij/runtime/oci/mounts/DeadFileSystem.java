package io.crij.runtime.oci.mounts;

import static org.assertj.core.api.Assertions.assertThat;

import io.crij.linux.mount.Mounts;
import java.io.IOException;
import java.nio.file.Path;

/**
 * A file system in whose server nobody answers: who looks at it stands still, as with NFS whose
 * server is gone. It ends with {@link #close}, and who stood still is told so.
 */
public final class DeadFileSystem implements AutoCloseable {
  /** Holds the server's end of FUSE, and never reads from it. */
  private static final String SERVER =
      """
      exec 3<>/dev/fuse
      mount -i -t fuse -o fd=3,rootmode=40000,user_id=0,group_id=0 none "$0"
      echo mounted
      exec sleep 1000
      """;

  private final Process server;
  private final Path folder;

  private DeadFileSystem(Process server, Path folder) {
    this.server = server;
    this.folder = folder;
  }

  public static DeadFileSystem mount(Path folder) throws IOException {
    Process server =
        new ProcessBuilder("bash", "-ec", SERVER, folder.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    assertThat(server.inputReader().readLine()).isEqualTo("mounted");
    return new DeadFileSystem(server, folder);
  }

  @Override
  public void close() {
    server.destroyForcibly().onExit().join();
    Mounts.detach(folder);
  }
}
