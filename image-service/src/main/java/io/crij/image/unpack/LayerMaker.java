package io.crij.image.unpack;

import io.crij.image.ImageException;
import io.crij.image.LayerKind;
import io.crij.image.changeset.LayerContents;
import io.crij.image.changeset.UnpackBudget;
import io.crij.image.changeset.UnpackLimits;
import io.crij.image.compress.CompressedLayer;
import io.crij.image.erofs.TreeMemory;
import io.crij.image.name.Digest;
import io.crij.image.skeleton.ArchiveRecord;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Files;
import org.jspecify.annotations.Nullable;

/**
 * Makes one layer in one pass over its bytes: hashed as they come, inflated, hashed again, and
 * written as what the layer is to be.
 */
public final class LayerMaker {
  private final UnpackLimits limits;
  private final TreeMemory memory;
  private final LayerKind kind;

  /**
   * Makes layers of one kind.
   *
   * @param memory of all layers that are being made
   */
  public LayerMaker(UnpackLimits limits, TreeMemory memory, LayerKind kind) {
    this.limits = limits;
    this.memory = memory;
    this.kind = kind;
  }

  /**
   * Makes and verifies the layer; all of it is then on the disk. Must be called on a platform
   * thread; an interrupt ends it.
   *
   * @param folder empty, nobody else's
   * @throws ImageException for what the source answers, and FailedPrecondition or ResourceExhausted
   *     for what it serves
   */
  public UnpackedLayer make(LayerSource source, LayerFolder folder) throws IOException {
    UnpackBudget budget = new UnpackBudget(limits, Files.getFileStore(folder.path()));
    LayerContents contents;
    try (LayerUnpack unpack = open(source, folder, budget)) {
      contents = run(source, unpack, budget);
      if (!unpack.hasArchive()) {
        keepArchive(source, folder);
      }
      unpack.finish();
    }
    folder.writeImplied(contents.implied());
    return new UnpackedLayer(
        contents.kind(), budget.total(), contents.diskBytes(), contents.inodes());
  }

  private LayerUnpack open(LayerSource source, LayerFolder folder, UnpackBudget budget)
      throws IOException {
    return switch (kind) {
      case EROFS -> ErofsUnpack.open(folder, budget, memory, source.diffId().hex());
      case DIRECTORY -> DirectoryUnpack.open(folder, budget);
    };
  }

  private static LayerContents run(LayerSource source, LayerUnpack work, UnpackBudget budget)
      throws IOException {
    String name = "unpack-" + source.diffId().hex().substring(0, 12);
    try (CompressedLayer in = new CompressedLayer(source.descriptor(), source.blob());
        UnpackThread unpack = UnpackThread.start(name, work)) {
      Digest actual = copy(source, in, unpack, budget);
      if (actual != null) {
        in.verify();
        verifyDiffId(source, actual);
      }
      return unpack.await();
    }
  }

  /**
   * Fetches the blob once more and keeps all of its archive, compressed: one that has a path twice,
   * or leads through links of its own, cannot be put together again from its files.
   */
  private static void keepArchive(LayerSource source, LayerFolder folder) throws IOException {
    Digest.Hasher hasher = source.diffId().hasher();
    try (CompressedLayer in = new CompressedLayer(source.descriptor(), source.blob());
        ArchiveRecord record = ArchiveRecord.to(Files.newOutputStream(folder.archiveRecord()))) {
      byte[] block = new byte[BlockPipe.BLOCK_BYTES];
      for (int n = in.read(block); n >= 0; n = in.read(block)) {
        hasher.update(block, 0, n);
        record.bytes(block, n);
      }
      in.verify();
      verifyDiffId(source, hasher.finish());
      record.end();
    }
  }

  /** The digest of what came; null when unpacking failed: why, it says itself. */
  private static @Nullable Digest copy(
      LayerSource source, CompressedLayer in, UnpackThread unpack, UnpackBudget budget)
      throws IOException {
    Digest.Hasher hasher = source.diffId().hasher();
    BlockPipe pipe = unpack.pipe();
    try {
      byte[] block = pipe.claim();
      for (int n = in.read(block); n >= 0; n = in.read(block)) {
        if (unpack.hasFailed()) {
          return null;
        }
        budget.bytes(n, in.compressedBytes());
        hasher.update(block, 0, n);
        pipe.publish(n);
        source.progress().unpacked(n);
        block = pipe.claim();
      }
      pipe.end(null);
      return hasher.finish();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw (IOException) new InterruptedIOException("interrupted").initCause(e);
    }
  }

  private static void verifyDiffId(LayerSource source, Digest actual) {
    if (!actual.equals(source.diffId())) {
      throw new ImageException.FailedPrecondition(
          "layer %s is %s uncompressed, where the image configuration says %s"
              .formatted(source.descriptor().digest(), actual, source.diffId()));
    }
  }
}
