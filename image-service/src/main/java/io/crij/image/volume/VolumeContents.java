package io.crij.image.volume;

import io.crij.image.ImageException;
import io.crij.image.artifact.ArtifactFiles;
import io.crij.image.catalog.ImageCatalog;
import io.crij.image.content.ArtifactTrees;
import io.crij.image.name.Digest;
import io.crij.image.records.ImageRow;
import io.crij.image.rootfs.Rootfs;
import io.crij.linux.mount.MountFlag;
import io.crij.linux.mount.Mounts;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;

/** Mounts all of an image or artifact. */
public final class VolumeContents {
  private final ImageCatalog catalog;
  private final Rootfs rootfs;
  private final ArtifactTrees artifacts;

  public VolumeContents(ImageCatalog catalog, Rootfs rootfs, ArtifactTrees artifacts) {
    this.catalog = catalog;
    this.rootfs = rootfs;
    this.artifacts = artifacts;
  }

  /**
   * Mounts it.
   *
   * @param empty an empty folder, which an image of less than two layers needs below it
   * @param view of its files; those of an artifact keep their labels
   */
  void mount(ImageRow image, Path empty, Path target, Set<MountFlag> flags, Rootfs.View view)
      throws IOException {
    switch (image.kind()) {
      case IMAGE -> {
        rootfs.mountReadOnly(image.id(), empty, target, view);
        Mounts.addFlags(target, flags, false);
      }
      case ARTIFACT -> {
        Map<String, Digest> files = ArtifactFiles.of(catalog.manifest(image));
        if (files.isEmpty()) {
          throw new ImageException.FailedPrecondition(
              "artifact " + image.id() + " has no files: none of its layers has a name");
        }
        Path tree =
            image.isOwn()
                ? artifacts.make(image.id(), files)
                : artifacts.inStore(Path.of(image.store()), image.id(), files);
        if (view.userNamespace() == null) {
          Mounts.bind(tree, target, false, flags);
        } else {
          Mounts.bindMapped(tree, view.userNamespace(), target);
          Mounts.addFlags(target, flags, false);
        }
      }
    }
  }
}
