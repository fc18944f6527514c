package io.crij.image.content;

import io.crij.image.manifest.Descriptor;
import java.io.EOFException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * What has come of a blob, in a file, so that neither a slow reader nor the end of the process
 * costs it. Beside it stands which spans of it are there. Neither is synced: whoever takes the part
 * up again reads all of it and compares the digest at the end, as with bytes from the network.
 */
public final class BlobPart implements AutoCloseable {
  /** Spans that can be noted. */
  public static final int MOST_SPANS = 64;

  private static final Set<StandardOpenOption> OPEN =
      Set.of(StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
  private static final FileAttribute<Set<PosixFilePermission>> PRIVATE =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

  /** The notes: this, the blob's size, the spans, the owner. */
  private static final long MAGIC = 0x6372696a_70617274L;

  private static final int HEAD_BYTES = 2 * Long.BYTES;
  private static final int SPAN_BYTES = 2 * Long.BYTES;
  private static final int MOST_OWNER_BYTES = 1024;

  private final Ingest ingest;
  private final Descriptor descriptor;
  private final FileChannel data;
  private final RandomAccessFile notes;
  private final List<Span> found;

  /** Bytes that are there, from the first up to but not including the last. */
  public record Span(long from, long to) {}

  private BlobPart(Ingest ingest, Descriptor descriptor, FileChannel data, RandomAccessFile notes)
      throws IOException {
    this.ingest = ingest;
    this.descriptor = descriptor;
    this.data = data;
    this.notes = notes;
    this.found = readSpans();
  }

  static BlobPart open(Ingest ingest, Descriptor descriptor, String owner) throws IOException {
    FileChannel data = FileChannel.open(ingest.data(descriptor.digest()), OPEN, PRIVATE);
    try {
      Path path = ingest.notes(descriptor.digest());
      if (!Files.exists(path)) {
        Files.createFile(path, PRIVATE);
      }
      // No channel: that would be closed for all by the first thread that is interrupted.
      RandomAccessFile notes = new RandomAccessFile(path.toFile(), "rw");
      try {
        BlobPart part = new BlobPart(ingest, descriptor, data, notes);
        part.begin(owner);
        return part;
      } catch (IOException | RuntimeException e) {
        notes.close();
        throw e;
      }
    } catch (IOException | RuntimeException e) {
      data.close();
      throw e;
    }
  }

  /** What an earlier process left: apart from each other, in order. */
  public List<Span> found() {
    return found;
  }

  private List<Span> readSpans() throws IOException {
    byte[] head = new byte[HEAD_BYTES + MOST_SPANS * SPAN_BYTES];
    if (notes.length() < head.length) {
      return List.of();
    }
    notes.readFully(head);
    ByteBuffer bytes = ByteBuffer.wrap(head);
    if (bytes.getLong() != MAGIC || bytes.getLong() != descriptor.size()) {
      return List.of();
    }
    List<Span> spans = new ArrayList<>();
    for (int i = 0; i < MOST_SPANS; i++) {
      Span span = new Span(bytes.getLong(), bytes.getLong());
      if (span.from >= span.to) {
        continue; // nothing of it came
      }
      if (span.from < 0 || span.to > Math.min(data.size(), descriptor.size())) {
        return List.of();
      }
      spans.add(span);
    }
    return merged(spans);
  }

  private static List<Span> merged(List<Span> spans) {
    spans.sort((a, b) -> Long.compare(a.from, b.from));
    List<Span> merged = new ArrayList<>();
    for (Span span : spans) {
      if (merged.isEmpty() || merged.getLast().to < span.from) {
        merged.add(span);
      } else {
        Span last = merged.removeLast();
        merged.add(new Span(last.from, Math.max(last.to, span.to)));
      }
    }
    return merged;
  }

  private void begin(String owner) throws IOException {
    byte[] name = owner.getBytes(StandardCharsets.UTF_8);
    int length = Math.min(name.length, MOST_OWNER_BYTES);
    ByteBuffer bytes = ByteBuffer.allocate(HEAD_BYTES + MOST_SPANS * SPAN_BYTES + length);
    bytes.putLong(MAGIC).putLong(descriptor.size());
    for (Span span : found) {
      bytes.putLong(span.from).putLong(span.to);
    }
    bytes.position(HEAD_BYTES + MOST_SPANS * SPAN_BYTES).put(name, 0, length);
    notes.setLength(0);
    notes.seek(0);
    notes.write(bytes.array());
  }

  /** Writes bytes at their place in the blob. */
  public void write(long offset, byte[] bytes, int count) throws IOException {
    ByteBuffer left = ByteBuffer.wrap(bytes, 0, count);
    for (long position = offset; left.hasRemaining(); ) {
      position += data.write(left, position);
    }
  }

  /** Notes that a span is there. Spans are numbered from 0, less than {@link #MOST_SPANS}. */
  public synchronized void note(int index, Span span) throws IOException {
    notes.seek(HEAD_BYTES + (long) index * SPAN_BYTES);
    notes.write(ByteBuffer.allocate(SPAN_BYTES).putLong(span.from).putLong(span.to).array());
  }

  /** Reads bytes that are there; at least one. */
  public int read(long offset, byte[] target, int from, int count) throws IOException {
    int n = data.read(ByteBuffer.wrap(target, from, count), offset);
    if (n <= 0) {
      throw new EOFException(ingest.data(descriptor.digest()) + " was cut to " + data.size());
    }
    return n;
  }

  /** Bytes that are free on its disk; 0 if that cannot be told. */
  public long spareBytes() {
    try {
      return Files.getFileStore(ingest.data(descriptor.digest())).getUsableSpace();
    } catch (IOException e) {
      return 0;
    }
  }

  /** The bytes, as far as they have come. */
  public Path path() {
    return ingest.data(descriptor.digest());
  }

  /** Deletes it. */
  public void delete() throws IOException {
    Files.deleteIfExists(ingest.notes(descriptor.digest()));
    Files.deleteIfExists(ingest.data(descriptor.digest()));
  }

  /** Leaves it for later, if it was not deleted. */
  @Override
  public void close() throws IOException {
    try (data;
        notes) {
      ingest.release(descriptor.digest());
    }
  }

  /** Who began the part whose notes these are. */
  static String owner(Path notes) throws IOException {
    byte[] bytes = Files.readAllBytes(notes);
    int from = Math.min(bytes.length, HEAD_BYTES + MOST_SPANS * SPAN_BYTES);
    return new String(bytes, from, bytes.length - from, StandardCharsets.UTF_8);
  }
}
