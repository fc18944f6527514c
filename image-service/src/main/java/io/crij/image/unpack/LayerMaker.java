package io.crij.image.unpack;

import io.crij.image.ImageException;
import io.crij.image.name.Digest;
import io.crij.linux.tree.Tree;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Files;

/**
 * Makes one layer in one pass over its bytes: hashed as they come, inflated, hashed again,
 * unpacked.
 */
public final class LayerMaker {
  private final LayerSource source;
  private final LayerFolder folder;
  private final UnpackLimits limits;

  /**
   * Prepares to make a layer.
   *
   * @param folder empty, nobody else's
   */
  public LayerMaker(LayerSource source, LayerFolder folder, UnpackLimits limits) {
    this.source = source;
    this.folder = folder;
    this.limits = limits;
  }

  /**
   * Makes and verifies the layer; all of it is then on the disk. Must be called on a platform
   * thread; an interrupt ends it.
   *
   * @throws ImageException for what the source answers, and FailedPrecondition or ResourceExhausted
   *     for what it serves
   */
  public UnpackedLayer make() throws Exception {
    Files.createDirectory(folder.diff());
    UnpackBudget budget = new UnpackBudget(limits, Files.getFileStore(folder.path()));
    try (Tree tree = Tree.open(folder.diff());
        CompressedLayer in = new CompressedLayer(source.descriptor(), source.blob().get());
        ConfinedUnpack unpack = ConfinedUnpack.start(threadName(), tree, budget)) {
      Digest.Hasher hasher = source.diffId().hasher();
      if (copy(in, unpack, hasher, budget)) {
        in.verify();
        verifyDiffId(hasher.finish());
      }
      LayerContents contents = unpack.await();
      folder.writeImplied(contents.implied());
      tree.root().syncFileSystem();
      return new UnpackedLayer(budget.total(), contents.diskBytes(), contents.inodes());
    }
  }

  /** False when unpacking failed: why, it says itself. */
  private static boolean copy(
      CompressedLayer in, ConfinedUnpack unpack, Digest.Hasher hasher, UnpackBudget budget)
      throws IOException {
    BlockPipe pipe = unpack.pipe();
    try {
      byte[] block = pipe.claim();
      for (int n = in.read(block); n >= 0; n = in.read(block)) {
        if (unpack.hasFailed()) {
          return false;
        }
        budget.bytes(n, in.compressedBytes());
        hasher.update(block, 0, n);
        pipe.publish(n);
        block = pipe.claim();
      }
      pipe.end(null);
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw (IOException) new InterruptedIOException("interrupted").initCause(e);
    }
  }

  private void verifyDiffId(Digest actual) {
    if (!actual.equals(source.diffId())) {
      throw new ImageException.FailedPrecondition(
          "layer %s is %s uncompressed, where the image configuration says %s"
              .formatted(source.descriptor().digest(), actual, source.diffId()));
    }
  }

  private String threadName() {
    return "unpack-" + source.diffId().hex().substring(0, 12);
  }
}
