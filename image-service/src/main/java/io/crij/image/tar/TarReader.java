package io.crij.image.tar;

import static io.crij.image.tar.TarHeader.BLOCK;

import io.crij.image.ImageException;
import io.crij.linux.tree.Attributes;
import io.crij.linux.tree.BytePath;
import io.crij.linux.tree.FileTime;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads an archive from its start to its end, one entry after the other. */
public final class TarReader {
  /** One extended header, or one long name. */
  private static final int MOST_EXTENSION_BYTES = 1 << 20;

  private static final int MOST_EXTENSIONS = 8;
  private static final String TRUNCATED = "archive ends in the middle of an entry";
  private static final long LARGEST_ID = 0xfffffffeL;
  private static final long LARGEST_DEVICE = 0xffffffffL;

  private final InputStream in;

  /** How many bytes of the archive have been read. */
  private long position;

  private final byte[] block = new byte[BLOCK];
  private long remaining;
  private int padding;
  private boolean started;

  /**
   * Starts at the stream's position.
   *
   * @param in is read in small pieces: should be buffered
   */
  public TarReader(InputStream in) {
    this.in = in;
  }

  /**
   * Skips what is left of the current entry's content and reads the next header.
   *
   * @return null at the end of the archive; what follows it in the stream is not read
   * @throws ImageException.FailedPrecondition when this is no archive, or one that is refused
   */
  public @Nullable TarEntry next() throws IOException {
    skip(remaining + padding);
    remaining = 0;
    padding = 0;
    PaxRecords pax = new PaxRecords();
    byte[] longName = null;
    byte[] longLink = null;
    for (int extensions = 0; extensions <= MOST_EXTENSIONS; extensions++) {
      if (!readBlock()) {
        if (extensions > 0) {
          throw truncated();
        }
        return null;
      }
      TarHeader header = TarHeader.parse(block);
      switch (header.flag()) {
        case 'x' -> pax.parse(extension(header));
        // Global records of real archives are comments; no reader of layers acts on others.
        case 'g' -> extension(header);
        case 'L' -> longName = untilZero(extension(header));
        case 'K' -> longLink = untilZero(extension(header));
        default -> {
          return entry(header, pax, longName, longLink);
        }
      }
    }
    throw new ImageException.FailedPrecondition("archive entry has too many extended headers");
  }

  /** Reads content of the current entry; -1 when there is no more of it. */
  public int read(byte[] buffer, int offset, int length) throws IOException {
    if (remaining == 0) {
      return -1;
    }
    int n = in.read(buffer, offset, (int) Math.min(length, remaining));
    if (n < 0) {
      throw truncated();
    }
    remaining -= n;
    position += n;
    return n;
  }

  /** False at the end: two blocks of zeros, or the end of the stream at a block's border. */
  private boolean readBlock() throws IOException {
    if (!fill()) {
      if (!started) {
        throw new ImageException.FailedPrecondition("not a tar archive: it is empty");
      }
      return false;
    }
    started = true;
    if (!TarHeader.isZero(block)) {
      return true;
    }
    if (fill() && !TarHeader.isZero(block)) {
      throw new ImageException.FailedPrecondition("damaged archive: it goes on after its end");
    }
    return false;
  }

  private boolean fill() throws IOException {
    int n = in.readNBytes(block, 0, BLOCK);
    position += n;
    if (n != 0 && n != BLOCK) {
      throw truncated();
    }
    return n == BLOCK;
  }

  private void skip(long count) throws IOException {
    try {
      in.skipNBytes(count);
      position += count;
    } catch (EOFException e) {
      throw new ImageException.FailedPrecondition(TRUNCATED, e);
    }
  }

  private byte[] extension(TarHeader header) throws IOException {
    if (header.size() < 0 || header.size() > MOST_EXTENSION_BYTES) {
      throw new ImageException.FailedPrecondition(
          "archive holds an extended header of " + header.size() + " bytes");
    }
    int size = (int) header.size();
    byte[] bytes = in.readNBytes(size);
    position += bytes.length;
    if (bytes.length != size) {
      throw truncated();
    }
    skip(paddingOf(size));
    return bytes;
  }

  private TarEntry entry(
      TarHeader header, PaxRecords pax, byte @Nullable [] longName, byte @Nullable [] longLink)
      throws IOException {
    byte[] name = first(pax.bytes("path"), longName, header.name());
    TarType type = TarType.of(header.flag());
    if (header.flag() == 0 && name.length > 0 && name[name.length - 1] == '/') {
      type = TarType.DIRECTORY;
    }
    TarContent content = type == TarType.REGULAR ? content(header, pax) : TarContent.NONE;
    byte[] sparseName = pax.bytes("GNU.sparse.name");
    if (sparseName != null && type == TarType.REGULAR) {
      name = sparseName;
    }
    return new TarEntry(
        type,
        checked(name),
        checked(first(pax.bytes("linkpath"), longLink, header.linkName())),
        attributes(header, pax),
        content,
        device(header.major()),
        device(header.minor()),
        pax.xattrs().isEmpty() ? Map.of() : pax.xattrs());
  }

  /** What follows, from where the position then is. */
  private TarContent content(TarHeader header, PaxRecords pax) throws IOException {
    SparseMap map = header.flag() == 'S' ? headerMap() : SparseMap.ofRecords(pax);
    remaining = pax.number("size", header.size());
    if (remaining < 0) {
      throw new ImageException.FailedPrecondition("archive holds a file of negative size");
    }
    padding = paddingOf(remaining);
    if (map == null && pax.number("GNU.sparse.major", 0) == 1) {
      map = contentMap(pax);
    }
    return map == null ? TarContent.whole(position, remaining) : map.at(position, remaining);
  }

  private SparseMap headerMap() throws IOException {
    SparseMap map = SparseMap.ofHeader(block);
    boolean more = SparseMap.headerContinues(block);
    for (int blocks = 0; more; blocks++) {
      if (blocks == MOST_EXTENSION_BYTES / BLOCK || !fill()) {
        throw truncated();
      }
      map.addContinuation(block);
      more = SparseMap.continuationContinues(block);
    }
    return map;
  }

  private SparseMap contentMap(PaxRecords pax) throws IOException {
    SparseMap map = new SparseMap(pax.number("GNU.sparse.realsize", -1));
    SparseText text = new SparseText();
    boolean complete = false;
    while (!complete) {
      if (remaining < BLOCK || !fill()) {
        throw truncated();
      }
      remaining -= BLOCK;
      complete = text.add(block);
    }
    text.addTo(map);
    return map;
  }

  private static Attributes attributes(TarHeader header, PaxRecords pax) {
    return new Attributes(
        header.mode(),
        id("uid", pax.number("uid", header.uid())),
        id("gid", pax.number("gid", header.gid())),
        pax.time("mtime", new FileTime(header.modified(), 0)));
  }

  private static int id(String what, long id) {
    if (id < 0 || id > LARGEST_ID) {
      throw new ImageException.FailedPrecondition("archive holds the " + what + " " + id);
    }
    return (int) id;
  }

  private static int device(long number) {
    if (number < 0 || number > LARGEST_DEVICE) {
      throw new ImageException.FailedPrecondition("archive holds the device number " + number);
    }
    return (int) number;
  }

  private static byte[] checked(byte[] path) {
    if (path.length > BytePath.MAX_BYTES) {
      throw new ImageException.FailedPrecondition(
          "archive holds a path of " + path.length + " bytes");
    }
    for (byte b : path) {
      if (b == 0) {
        throw new ImageException.FailedPrecondition("archive holds a path with a zero byte");
      }
    }
    return path;
  }

  private static byte[] first(byte @Nullable [] first, byte @Nullable [] second, byte[] third) {
    return first != null ? first : second != null ? second : third;
  }

  private static byte[] untilZero(byte[] bytes) {
    int end = 0;
    while (end < bytes.length && bytes[end] != 0) {
      end++;
    }
    return Arrays.copyOf(bytes, end);
  }

  private static int paddingOf(long size) {
    return (int) (-size & (BLOCK - 1));
  }

  private static ImageException truncated() {
    return new ImageException.FailedPrecondition(TRUNCATED);
  }
}
