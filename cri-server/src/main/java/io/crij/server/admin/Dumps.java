package io.crij.server.admin;

import com.sun.management.HotSpotDiagnosticMXBean;
import com.sun.management.HotSpotDiagnosticMXBean.ThreadDumpFormat;
import io.crij.admin.v1.DumpHeapRequest;
import io.crij.admin.v1.DumpHeapResponse;
import io.crij.admin.v1.DumpThreadsRequest;
import io.crij.admin.v1.DumpThreadsResponse;
import io.crij.runtime.ServiceException;
import io.crij.server.config.ServerConfig;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import javax.management.JMException;
import javax.management.ObjectName;

/** What crijd does and holds at the moment, for who looks for a fault of its own. */
@Singleton
final class Dumps {
  private static final String EXTENSION = ".hprof";

  private final ServerConfig config;

  Dumps(ServerConfig config) {
    this.config = config;
  }

  /** Stacks alone: no values are in them. */
  DumpThreadsResponse threads(@SuppressWarnings("unused") DumpThreadsRequest request) {
    try (Folder folder = Folder.in(config.runroot())) {
      Path file = folder.path().resolve("threads");
      bean().dumpThreads(file.toString(), ThreadDumpFormat.TEXT_PLAIN);
      String text = Files.readString(file, StandardCharsets.UTF_8);
      return DumpThreadsResponse.newBuilder().setText(text).build();
    } catch (IOException e) {
      throw failed("threads", e);
    }
  }

  DumpHeapResponse heap(DumpHeapRequest request) {
    return request.getPath().isEmpty()
        ? DumpHeapResponse.newBuilder().setClasses(classes()).build()
        : DumpHeapResponse.newBuilder().setSizeBytes(write(NodePath.of(request.getPath()))).build();
  }

  private static String classes() {
    try {
      Object text =
          ManagementFactory.getPlatformMBeanServer()
              .invoke(
                  new ObjectName("com.sun.management:type=DiagnosticCommand"),
                  "gcClassHistogram",
                  new Object[] {new String[0]},
                  new String[] {String[].class.getName()});
      return String.valueOf(text);
    } catch (JMException e) {
      throw new ServiceException.Internal("dump classes: " + e.getMessage(), e);
    }
  }

  /** For root alone, and at its place only once it is whole. */
  private static long write(Path target) {
    Path parent = target.getParent();
    if (!target.toString().endsWith(EXTENSION)) {
      throw new ServiceException.InvalidArgument("path: does not end with " + EXTENSION);
    }
    if (parent == null || !Files.isDirectory(parent)) {
      throw new ServiceException.NotFound("path: there is no folder " + parent);
    }
    if (Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
      throw new ServiceException.AlreadyExists("path: " + target + " is there already");
    }
    try (Folder folder = Folder.in(parent)) {
      Path file = folder.path().resolve("heap" + EXTENSION);
      bean().dumpHeap(file.toString(), true);
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
      Files.move(file, target, StandardCopyOption.ATOMIC_MOVE);
      return Files.size(target);
    } catch (IOException e) {
      throw failed("the heap to " + target, e);
    }
  }

  private static HotSpotDiagnosticMXBean bean() {
    return ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
  }

  private static ServiceException failed(String what, IOException e) {
    return new ServiceException.Internal("dump " + what + ": " + e.getMessage(), e);
  }

  /** Of root alone, for a file that the JVM makes with a mode of its own. */
  private record Folder(Path path) implements AutoCloseable {
    static Folder in(Path parent) throws IOException {
      return new Folder(Files.createTempDirectory(parent, ".dump"));
    }

    @Override
    public void close() throws IOException {
      try (var files = Files.newDirectoryStream(path)) {
        for (Path file : files) {
          Files.delete(file);
        }
      }
      Files.delete(path);
    }
  }
}
