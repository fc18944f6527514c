package io.crij.monitor.container;

import com.google.protobuf.InvalidProtocolBufferException;
import io.crij.linux.AtomicFile;
import io.crij.monitor.loop.StderrLog;
import io.crij.monitor.v1.ContainerRecord;
import io.crij.monitor.v1.Exited;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The monitor's files below the run root: {@code monitor/{lock,conmon.sock,state/ID,exec/}} and
 * {@code exits/ID}. All of them are in memory (tmpfs), so they are not synced.
 */
public final class RunDirectory {
  private static final String OWNER_ONLY = "rw-------";

  private final Path monitor;
  private final Path states;
  private final Path exits;
  private final Path execs;

  private RunDirectory(Path runroot) {
    monitor = runroot.resolve("monitor");
    states = monitor.resolve("state");
    execs = monitor.resolve("exec");
    exits = runroot.resolve("exits");
  }

  /** Makes the folders where they are missing, mode 0700. */
  public static RunDirectory open(Path runroot) {
    RunDirectory directory = new RunDirectory(runroot.toAbsolutePath());
    try {
      for (Path path : List.of(directory.states, directory.execs, directory.exits)) {
        Files.createDirectories(
            path,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      }
      return directory;
    } catch (IOException e) {
      throw new UncheckedIOException("make folders in " + runroot + ": " + e.getMessage(), e);
    }
  }

  public Path lock() {
    return monitor.resolve("lock");
  }

  public Path socket() {
    return monitor.resolve("conmon.sock");
  }

  /** The folder for the files of exec calls, which are of no use to a successor. */
  public Path execs() {
    return execs;
  }

  void writeState(ContainerRecord record) {
    Path path = states.resolve(record.getConfig().getContainerId());
    AtomicFile.write(path, record.toByteArray(), OWNER_ONLY, false);
  }

  void writeExit(Exited exited) {
    Path path = exits.resolve(exited.getContainerId());
    AtomicFile.write(path, exited.toByteArray(), OWNER_ONLY, false);
  }

  @Nullable Exited readExit(String containerId) {
    Path path = exits.resolve(containerId);
    try {
      return Files.exists(path) ? Exited.parseFrom(Files.readAllBytes(path)) : null;
    } catch (IOException e) {
      StderrLog.failure("exit file " + path + " is left aside", e);
      return null;
    }
  }

  /** What the last monitor knew. A file that cannot be read is set aside and stops nothing. */
  List<ContainerRecord> readStates() {
    List<ContainerRecord> records = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(states, "[0-9a-f]*")) {
      for (Path file : files) {
        try {
          records.add(ContainerRecord.parseFrom(Files.readAllBytes(file)));
        } catch (InvalidProtocolBufferException e) {
          StderrLog.failure("state file " + file + " is set aside", e);
          Path aside = file.resolveSibling(".bad-" + file.getFileName());
          Files.move(file, aside, StandardCopyOption.ATOMIC_MOVE);
        }
      }
      return records;
    } catch (IOException e) {
      throw new UncheckedIOException("read " + states + ": " + e.getMessage(), e);
    }
  }

  void forget(String containerId) {
    delete(states.resolve(containerId));
    delete(exits.resolve(containerId));
  }

  /** Deletes the files of exec calls of the last monitor. */
  public void clearExecs() {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(execs)) {
      files.forEach(RunDirectory::delete);
    } catch (IOException e) {
      throw new UncheckedIOException("clear " + execs + ": " + e.getMessage(), e);
    }
  }

  /** Deletes a file that may be gone already. */
  public static void delete(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw new UncheckedIOException("delete " + file + ": " + e.getMessage(), e);
    }
  }
}
