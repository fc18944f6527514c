package io.crij.image.skeleton;

import io.crij.linux.tree.BytePath;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.HashSet;
import java.util.Set;

/**
 * Hands on an archive's bytes, and records all of them but the contents of files, for which it
 * records the paths. A few archives cannot be recorded so: those that have one path twice, or that
 * lead through links of their own, for what is at a path in the end need not be what was there.
 */
public final class ArchiveRecorder extends InputStream {
  private static final long FNV_OFFSET = 0xcbf29ce484222325L;
  private static final long FNV_PRIME = 0x100000001b3L;

  private final InputStream archive;
  private final ArchiveRecord record;
  private final byte[] pending = new byte[ArchiveRecord.BUFFER_BYTES];
  private int pendingBytes;
  private long contentLeft;

  /** More paths than this are not remembered, and such an archive not recorded. */
  private static final int MOST_PATHS = 1_000_000;

  /** Hashes of paths: that two are equal by chance only costs the record. */
  private final Set<Long> files = new HashSet<>();

  private final Set<Long> folders = new HashSet<>();
  private final Set<Long> links = new HashSet<>();
  private boolean faithful = true;

  public ArchiveRecorder(InputStream archive, OutputStream record) {
    this.archive = archive;
    this.record = ArchiveRecord.to(record);
  }

  /** The next bytes of the archive are the content of this file. */
  public void file(BytePath path, long sizeBytes) throws IOException {
    note(path);
    if (sizeBytes == 0 || !faithful) {
      return;
    }
    flushBytes();
    record.file(path.bytes(), sizeBytes);
    contentLeft = sizeBytes;
  }

  /** There is a link at this path. */
  public void link(BytePath path) {
    note(path);
    links.add(hash(path));
  }

  /** There is something else at this path, but no folder. */
  public void other(BytePath path) {
    note(path);
  }

  /** There is a folder at this path. */
  public void folder(BytePath path) {
    noteFolder(path);
    if (files.contains(hash(path))) {
      faithful = false;
    }
  }

  private void note(BytePath path) {
    long hash = hash(path);
    if (!files.add(hash) || folders.contains(hash) || files.size() > MOST_PATHS) {
      faithful = false;
    }
    if (!path.isRoot()) {
      noteFolder(path.parent());
    }
  }

  private void noteFolder(BytePath path) {
    for (BytePath at = path; !at.isRoot(); at = at.parent()) {
      long hash = hash(at);
      if (links.contains(hash)) {
        faithful = false;
      }
      if (!folders.add(hash)) {
        return;
      }
    }
  }

  private static long hash(BytePath path) {
    long hash = FNV_OFFSET;
    for (byte b : path.bytes()) {
      hash = (hash ^ b) * FNV_PRIME;
    }
    return hash;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    int n = archive.read(target, offset, length);
    int at = offset;
    int left = Math.max(n, 0);
    int content = (int) Math.min(left, contentLeft);
    contentLeft -= content;
    at += content;
    left -= content;
    while (left > 0 && faithful) {
      int part = Math.min(left, pending.length - pendingBytes);
      System.arraycopy(target, at, pending, pendingBytes, part);
      pendingBytes += part;
      at += part;
      left -= part;
      if (pendingBytes == pending.length) {
        flushBytes();
      }
    }
    return n;
  }

  private void flushBytes() throws IOException {
    record.bytes(pending, pendingBytes);
    pendingBytes = 0;
  }

  /**
   * Reads what follows the archive's last entry, and ends the record.
   *
   * @return whether the archive can be put together again by it
   */
  public boolean finish() throws IOException {
    byte[] rest = new byte[ArchiveRecord.BUFFER_BYTES];
    int n = read(rest, 0, rest.length);
    while (n >= 0) {
      n = read(rest, 0, rest.length);
    }
    flushBytes();
    record.end();
    return faithful;
  }

  /** Ends the deflater; the archive and the record are their owners' to close. */
  @Override
  public void close() {
    record.close();
  }
}
