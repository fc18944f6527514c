package io.crij.monitor.exec;

import com.google.protobuf.InvalidProtocolBufferException;
import io.crij.linux.AtomicFile;
import io.crij.monitor.container.RunDirectory;
import io.crij.monitor.loop.StderrLog;
import io.crij.monitor.runtime.OciRuntimeCall;
import io.crij.monitor.v1.SessionRecord;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The files of exec calls, in a folder of their own. */
final class SessionFiles {
  private static final String RECORD = RunDirectory.EXEC_RECORD;

  private final Path folder;

  SessionFiles(Path folder) {
    this.folder = folder;
  }

  Path folder() {
    return folder;
  }

  Path process(String name) {
    return folder.resolve(name + ".json");
  }

  Path pidFile(String name) {
    return folder.resolve(name + ".pid");
  }

  Path log(String name) {
    return folder.resolve(name + ".log");
  }

  void write(SessionRecord record) {
    AtomicFile.write(
        folder.resolve(record.getName() + RECORD), record.toByteArray(), "rw-------", false);
  }

  /** Deletes what only the call itself needs. */
  void deleteCallFiles(String name) {
    RunDirectory.delete(process(name));
    OciRuntimeCall.deletePidFile(pidFile(name));
    RunDirectory.delete(log(name));
  }

  /** Deletes the record. */
  void delete(String name) {
    RunDirectory.delete(folder.resolve(name + RECORD));
  }

  /** What the last monitor had going; what cannot be read is of no use and deleted. */
  List<SessionRecord> read() {
    List<SessionRecord> records = new ArrayList<>();
    try (DirectoryStream<Path> found = Files.newDirectoryStream(folder, "*" + RECORD)) {
      for (Path file : found) {
        try {
          records.add(SessionRecord.parseFrom(Files.readAllBytes(file)));
        } catch (InvalidProtocolBufferException e) {
          StderrLog.failure("record of an exec " + file, e);
          RunDirectory.delete(file);
        }
      }
      return records;
    } catch (IOException e) {
      throw new UncheckedIOException("read " + folder + ": " + e.getMessage(), e);
    }
  }
}
