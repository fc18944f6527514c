package io.crij.monitor.container;

import com.google.protobuf.InvalidProtocolBufferException;
import io.crij.linux.AtomicFile;
import io.crij.monitor.loop.StderrLog;
import io.crij.monitor.v1.ContainerRecord;
import io.crij.monitor.v1.CreateRequest;
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
 * The monitor's files below the run root: {@code
 * monitor/{lock,conmon.sock,service,state/ID,creating/ID,exec/}} and {@code exits/ID}. All of them
 * are in memory (tmpfs), so they are not synced.
 */
public final class RunDirectory {
  /** How names of records of exec calls end, which are of use to a successor. */
  public static final String EXEC_RECORD = ".session";

  private static final String OWNER_ONLY = "rw-------";
  private static final long MAX_FILE_BYTES = 8 << 20;

  private final Path runroot;
  private final Path monitor;
  private final Path states;
  private final Path creating;
  private final Path exits;
  private final Path execs;

  private RunDirectory(Path runroot) {
    this.runroot = runroot;
    monitor = runroot.resolve("monitor");
    states = monitor.resolve("state");
    creating = monitor.resolve("creating");
    execs = monitor.resolve("exec");
    exits = runroot.resolve("exits");
  }

  /** Makes the folders where they are missing, mode 0700. */
  public static RunDirectory open(Path runroot) {
    RunDirectory directory = new RunDirectory(runroot.toAbsolutePath());
    try {
      for (Path path :
          List.of(directory.states, directory.creating, directory.execs, directory.exits)) {
        Files.createDirectories(
            path,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      }
      return directory;
    } catch (IOException e) {
      throw new UncheckedIOException("make folders in " + runroot + ": " + e.getMessage(), e);
    }
  }

  public Path runroot() {
    return runroot;
  }

  public Path lock() {
    return monitor.resolve("lock");
  }

  /**
   * Notes for who would start a monitor whether a service manager has started this one, and will
   * start the next: the file {@code monitor/service} is there then.
   */
  public void markService(boolean started) {
    Path mark = monitor.resolve("service");
    if (started) {
      AtomicFile.write(mark, new byte[0], OWNER_ONLY, false);
    } else {
      delete(mark);
    }
  }

  public Path socket() {
    return monitor.resolve("conmon.sock");
  }

  /** The folder for the files of exec calls. */
  public Path execs() {
    return execs;
  }

  void writeState(ContainerRecord record) {
    Path path = states.resolve(record.getConfig().getContainerId());
    AtomicFile.write(path, record.toByteArray(), OWNER_ONLY, false);
  }

  /** What is to be created: written before anything of it is made. */
  void writeIntent(CreateRequest request) {
    Path path = creating.resolve(request.getContainerId());
    AtomicFile.write(path, request.toByteArray(), OWNER_ONLY, false);
  }

  void deleteIntent(String containerId) {
    delete(creating.resolve(containerId));
  }

  /** What the last monitor was about to create. */
  List<CreateRequest> readIntents() {
    List<CreateRequest> intents = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(creating, "[0-9a-f]*")) {
      for (Path file : files) {
        try {
          intents.add(CreateRequest.parseFrom(Files.readAllBytes(file)));
        } catch (InvalidProtocolBufferException e) {
          StderrLog.failure("what was to be created is not known, " + file, e);
          delete(file);
        }
      }
      return intents;
    } catch (IOException e) {
      throw new UncheckedIOException("read " + creating + ": " + e.getMessage(), e);
    }
  }

  boolean hasState(String containerId) {
    return Files.exists(states.resolve(containerId));
  }

  void writeExit(Exited exited) {
    Path path = exits.resolve(exited.getContainerId());
    AtomicFile.write(path, exited.toByteArray(), OWNER_ONLY, false);
  }

  @Nullable Exited readExit(String containerId) {
    Path path = exits.resolve(containerId);
    try {
      return Files.exists(path) && Files.size(path) <= MAX_FILE_BYTES
          ? Exited.parseFrom(Files.readAllBytes(path))
          : null;
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
          records.add(readState(file));
        } catch (InvalidProtocolBufferException | IllegalArgumentException e) {
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

  private static ContainerRecord readState(Path file) throws IOException {
    if (Files.size(file) > MAX_FILE_BYTES) {
      throw new IllegalArgumentException("larger than " + MAX_FILE_BYTES + " bytes");
    }
    ContainerRecord record = ContainerRecord.parseFrom(Files.readAllBytes(file));
    Plausible.check(record);
    if (!file.endsWith(record.getConfig().getContainerId())) {
      throw new IllegalArgumentException("of container " + record.getConfig().getContainerId());
    }
    return record;
  }

  void forget(String containerId) {
    delete(states.resolve(containerId));
    delete(exits.resolve(containerId));
  }

  /** Deletes the files of exec calls of the last monitor, but their records. */
  public void clearExecs() {
    try (DirectoryStream<Path> files =
        Files.newDirectoryStream(execs, file -> !file.toString().endsWith(EXEC_RECORD))) {
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
