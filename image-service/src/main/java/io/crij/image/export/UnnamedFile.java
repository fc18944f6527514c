package io.crij.image.export;

import io.crij.image.name.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** A file without a name: its space is free again when it is closed, or the process ends. */
final class UnnamedFile implements AutoCloseable {
  private final FileChannel channel;
  private final Digest.Hasher hasher = Digest.Algorithm.SHA256.hasher();
  private long sizeBytes;

  private UnnamedFile(FileChannel channel) {
    this.channel = channel;
  }

  /** Makes one on the disk of a folder. */
  static UnnamedFile in(Path folder) throws IOException {
    Path path = Files.createTempFile(folder, "export", null);
    try {
      return new UnnamedFile(
          FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE));
    } finally {
      Files.delete(path);
    }
  }

  /** Writes all of it, in one go; closing it does nothing. */
  OutputStream end() {
    return new OutputStream() {
      @Override
      public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
      }

      @Override
      public void write(byte[] bytes, int offset, int length) throws IOException {
        hasher.update(bytes, offset, length);
        sizeBytes += length;
        ByteBuffer left = ByteBuffer.wrap(bytes, offset, length);
        while (left.hasRemaining()) {
          var _ = channel.write(left);
        }
      }
    };
  }

  /** Of all that was written; asked once. */
  Digest digest() {
    return hasher.finish();
  }

  long sizeBytes() {
    return sizeBytes;
  }

  /** All of it, from its first byte. One at a time; closing it does nothing. */
  InputStream bytes() throws IOException {
    channel.position(0);
    InputStream in = Channels.newInputStream(channel);
    return new InputStream() {
      @Override
      public int read() throws IOException {
        return in.read();
      }

      @Override
      public int read(byte[] target, int offset, int length) throws IOException {
        return in.read(target, offset, length);
      }
    };
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
