package io.crij.image.changeset;

import io.crij.image.ImageException;
import io.crij.image.tar.TarEntry;
import io.crij.image.tar.TarReader;
import io.crij.image.tar.TarType;
import io.crij.linux.LinuxException;
import io.crij.linux.tree.BytePath;
import io.crij.linux.tree.Name;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/** Reads the archive of one layer to its end, and tells a target what is in it. */
public final class ChangesetReader {
  private static final byte[] WHITEOUT = ".wh.".getBytes(StandardCharsets.US_ASCII);
  private static final Name OPAQUE = Name.of(".wh..wh..opq");

  /** What aufs kept in its branches; never part of an image's files. */
  private static final byte[] AUFS = ".wh..wh.".getBytes(StandardCharsets.US_ASCII);

  private final ChangesetTarget target;
  private final UnpackBudget budget;

  public ChangesetReader(ChangesetTarget target, UnpackBudget budget) {
    this.target = target;
    this.budget = budget;
  }

  /**
   * Reads the archive to its end; what follows it in the stream is not read.
   *
   * @throws ImageException.FailedPrecondition when it is no archive or cannot be unpacked here
   * @throws ImageException.ResourceExhausted when it is too large for the budget or the disk
   */
  public LayerContents read(InputStream archive) throws IOException {
    TarReader reader = new TarReader(archive);
    for (TarEntry entry = reader.next(); entry != null; entry = reader.next()) {
      budget.entry();
      add(entry, reader);
    }
    return target.finish();
  }

  private void add(TarEntry entry, TarReader content) throws IOException {
    BytePath path = BytePath.of(entry.name());
    try {
      if (path.isRoot()) {
        // Some archives have links named "" or ".."; nothing can be made of them.
        if (entry.type() == TarType.DIRECTORY) {
          target.describeRoot(entry);
        }
      } else if (path.name().startsWith(WHITEOUT)) {
        hide(path);
      } else if (!isForgedWhiteout(entry)) {
        target.make(path, entry, content);
      }
    } catch (LinuxException e) {
      throw UnpackFailure.of(path.toString(), e);
    }
  }

  private void hide(BytePath path) {
    Name name = path.name();
    if (name.equals(OPAQUE)) {
      target.hideAll(path.parent());
    } else if (!name.startsWith(AUFS)) {
      target.hide(path.parent(), hidden(path));
    }
  }

  private static Name hidden(BytePath path) {
    try {
      return path.name().withoutPrefix(WHITEOUT.length);
    } catch (IllegalArgumentException e) {
      throw new ImageException.FailedPrecondition("layer holds the whiteout " + path, e);
    }
  }

  private static boolean isForgedWhiteout(TarEntry entry) {
    return entry.type() == TarType.CHARACTER_DEVICE && entry.major() == 0 && entry.minor() == 0;
  }
}
