package io.crij.runtime.container.steps;

import io.crij.cri.v1.ContainerConfig;
import io.crij.cri.v1.ImageSpec;
import io.crij.cri.v1.Mount;
import io.crij.cri.v1.MountPropagation;
import io.crij.image.ImageException;
import io.crij.image.rootfs.Rootfs;
import io.crij.image.service.ImageService;
import io.crij.image.volume.Volumes;
import io.crij.linux.Fd;
import io.crij.runtime.ServiceException;
import io.crij.runtime.container.records.Container;
import io.crij.runtime.oci.spec.UserNamespace;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Mounts of images and artifacts (CRI, Mount.image; KEP-4639). */
public final class ImageMounts {
  /** By which the kubelet knows that the image, not the container, is at fault (CRI, errors). */
  private static final String FAILED = "ImageVolumeMountFailed: ";

  private static final List<String> OPTIONS = List.of("noexec", "nodev", "nosuid");

  private final ImageService images;

  public ImageMounts(ImageService images) {
    this.images = images;
  }

  /**
   * Checks the image mounts of a request, and writes into each which image is meant. An {@code
   * image_sub_path} of another mount says nothing: of a pod that has an image volume, the kubelet
   * sends the sub path of each mount in it, and has resolved those of the others itself.
   *
   * @throws ServiceException.InvalidArgument naming the field
   * @throws ServiceException.NotFound when there is no such image
   */
  public ContainerConfig resolve(ContainerConfig config) {
    ContainerConfig.Builder resolved = config.toBuilder();
    for (int i = 0; i < config.getMountsCount(); i++) {
      Mount mount = config.getMounts(i);
      if (isImage(mount)) {
        require(mount.getHostPath().isEmpty(), "mounts: both image and host_path are given");
        require(
            mount.getPropagation() == MountPropagation.PROPAGATION_PRIVATE,
            "mounts: an image has no propagation but PRIVATE");
        resolved.setMounts(
            i, mount.toBuilder().setImage(identified(mount.getImage())).setReadonly(true));
      }
    }
    return resolved.build();
  }

  private ImageSpec identified(ImageSpec image) {
    try {
      String reference = images.volumes().reference(image.getImage());
      return image.toBuilder().setImageRef(reference).build();
    } catch (ImageException e) {
      throw failure(e);
    }
  }

  /**
   * Mounts them, and gives the configuration with mounts of the node in their place.
   *
   * @param user namespace of the container, in which owners are those that the image names
   * @param label of SELinux that their files have; empty: none
   */
  ContainerConfig mount(Container container, @Nullable UserNamespace user, String label) {
    if (container.config().getMountsList().stream().noneMatch(ImageMounts::isImage)) {
      return container.config();
    }
    if (user == null) {
      return mountAll(container, new Rootfs.View(null, label));
    }
    try (Fd namespace = Fd.open(user.path().toString(), Fd.O_RDONLY, 0)) {
      return mountAll(container, new Rootfs.View(namespace, label));
    }
  }

  private ContainerConfig mountAll(Container container, Rootfs.View view) {
    ContainerConfig.Builder mounted = container.config().toBuilder();
    for (int i = 0; i < mounted.getMountsCount(); i++) {
      Mount mount = mounted.getMounts(i);
      if (isImage(mount)) {
        Mount atNode = atNode(mount, mount(container, i, mount, view));
        // Mapped as a whole already.
        mounted.setMounts(
            i,
            view.userNamespace() == null
                ? atNode
                : atNode.toBuilder().clearUidMappings().clearGidMappings().build());
      }
    }
    return mounted.build();
  }

  private Path mount(Container container, int position, Mount mount, Rootfs.View view) {
    try {
      return images
          .volumes()
          .mount(
              new Volumes.Request(
                  container.id(),
                  container.folder().volumes(),
                  position,
                  mount.getImage().getImage(),
                  mount.getImageSubPath()),
              view);
    } catch (ImageException e) {
      throw failure(e);
    }
  }

  private static Mount atNode(Mount mount, Path source) {
    Set<String> options = new LinkedHashSet<>(mount.getMountOptionsList());
    options.addAll(OPTIONS);
    return mount.toBuilder()
        .clearImage()
        .clearImageSubPath()
        .setHostPath(source.toString())
        .clearMountOptions()
        .addAllMountOptions(options)
        .build();
  }

  /** Success too when there are none. */
  void remove(Container container) {
    try {
      images.volumes().remove(container.id(), container.folder().volumes());
    } catch (ImageException e) {
      throw new ServiceException.Internal("image volumes: " + e.getMessage(), e);
    }
  }

  /** An empty one is as good as none. */
  private static boolean isImage(Mount mount) {
    return mount.hasImage() && !mount.getImage().getImage().isEmpty();
  }

  private static ServiceException failure(ImageException e) {
    String message = FAILED + e.getMessage();
    return switch (e) {
      case ImageException.NotFound _ -> new ServiceException.NotFound(message, e);
      case ImageException.InvalidArgument _ -> new ServiceException.InvalidArgument(message, e);
      case ImageException.FailedPrecondition _ ->
          new ServiceException.FailedPrecondition(message, e);
      default -> new ServiceException.Internal(message, e);
    };
  }

  private static void require(boolean condition, String complaint) {
    if (!condition) {
      throw new ServiceException.InvalidArgument(complaint);
    }
  }
}
