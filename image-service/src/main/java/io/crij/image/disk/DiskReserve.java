package io.crij.image.disk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Space that is given up when a disk is full, because even to record that something is removed
 * takes some.
 */
public final class DiskReserve {
  private static final Logger log = LoggerFactory.getLogger(DiskReserve.class);

  private static final int BYTES = 4 << 20;

  private final Path file;
  private final ReentrantLock lock = new ReentrantLock();

  private DiskReserve(Path file) {
    this.file = file;
  }

  /** Sets the space aside, as far as there is any. */
  public static DiskReserve open(Path file) {
    DiskReserve reserve = new DiskReserve(file);
    reserve.restore();
    return reserve;
  }

  /** Runs {@code removal}, with the reserve given up meanwhile if the disk is full. */
  public boolean runRemoval(Removal removal) {
    lock.lock();
    try {
      if (isFull()) {
        release();
      }
      return removal.run();
    } finally {
      restore();
      lock.unlock();
    }
  }

  /** Removes something; true if it did. */
  @FunctionalInterface
  public interface Removal {
    boolean run();
  }

  private boolean isFull() {
    try {
      return Files.getFileStore(file).getUsableSpace() < BYTES;
    } catch (IOException e) {
      log.debug("no reserve: {}", e.getMessage());
      return false;
    }
  }

  private void release() {
    try {
      Files.deleteIfExists(file);
      log.warn("the disk of {} is full: its reserve is used", file);
    } catch (IOException e) {
      log.warn("cannot give up {}: {}", file, e.getMessage());
    }
  }

  private void restore() {
    try {
      if (Files.exists(file) && Files.size(file) == BYTES) {
        return;
      }
      Files.deleteIfExists(file);
      write();
    } catch (IOException e) {
      log.debug("no space to set aside in {}: {}", file, e.getMessage());
    }
  }

  private void write() throws IOException {
    try (FileChannel out =
        FileChannel.open(
            file,
            Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
      ByteBuffer zeros = ByteBuffer.allocate(BYTES);
      while (zeros.hasRemaining()) {
        out.write(zeros);
      }
    } catch (IOException e) {
      Files.deleteIfExists(file);
      throw e;
    }
  }
}
