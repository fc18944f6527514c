package io.crij.runtime.sandbox;

import io.crij.runtime.names.Ids;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The folder of all sandboxes' folders. */
public final class SandboxParent {
  private final Path runroot;
  private final UnsharedFolder folder;

  private SandboxParent(Path runroot) {
    this.runroot = runroot;
    this.folder = UnsharedFolder.open(SandboxFolder.parent(runroot));
  }

  /** Makes the folder. */
  public static SandboxParent open(Path runroot) {
    return new SandboxParent(runroot);
  }

  /** The folders of sandboxes that are there. */
  public List<String> sandboxIds() {
    List<String> ids = new ArrayList<>();
    try (DirectoryStream<Path> folders = Files.newDirectoryStream(folder.path())) {
      for (Path folder : folders) {
        String name = folder.getFileName().toString();
        if (Ids.isId(name)) {
          ids.add(name);
        }
      }
    } catch (NoSuchFileException _) {
      return List.of(); // somebody has emptied the runroot
    } catch (IOException e) {
      throw new UncheckedIOException("list " + folder.path() + ": " + e.getMessage(), e);
    }
    return ids;
  }

  public SandboxFolder folder(String sandboxId) {
    return SandboxFolder.of(runroot, sandboxId);
  }

  /** Takes the mount away again if no sandbox is left that needs it. */
  public void close() {
    if (sandboxIds().isEmpty()) {
      folder.share();
    }
  }
}
