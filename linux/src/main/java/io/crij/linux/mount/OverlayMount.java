package io.crij.linux.mount;

import io.crij.linux.Errno;
import io.crij.linux.Fd;
import io.crij.linux.LinuxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Mounts an {@link Overlay}: folder by folder where the kernel can ({@code lowerdir+}, Linux 6.8),
 * otherwise by one option string.
 */
final class OverlayMount implements AutoCloseable {
  // What an image says about redirects, metadata-only copies or indexes is never believed.
  private static final List<String> OPTIONS =
      List.of("redirect_dir=nofollow", "metacopy=off", "index=off", "xino=off");
  private static final int MAX_DATA_BYTES = 4095;

  /** Set once this kernel has refused {@code lowerdir+}: it fills its log with each attempt. */
  private static volatile boolean lacksAppending;

  private final Overlay overlay;
  private final Path target;
  private final List<Fd> opened = new ArrayList<>();

  OverlayMount(Overlay overlay, Path target) {
    this.overlay = overlay;
    this.target = target;
  }

  void mount() {
    if (lacksAppending) {
      mountByString();
      return;
    }
    try {
      mountByFolder();
    } catch (LinuxException e) {
      if ((e.errno() != Errno.EINVAL && e.errno() != Errno.ENOSYS) || appendsLowers()) {
        throw e;
      }
      lacksAppending = true;
      mountByString();
    }
  }

  private void mountByFolder() {
    try (FsContext context = FsContext.open("overlay")) {
      context.set("source", "overlay");
      for (Path lower : overlay.lowers()) {
        context.set("lowerdir+", brief(lower));
      }
      Path upper = overlay.upper();
      Path work = overlay.work();
      if (upper != null && work != null) {
        context.set("upperdir", brief(upper));
        context.set("workdir", brief(work));
      }
      for (String option : OPTIONS) {
        int equals = option.indexOf('=');
        context.set(option.substring(0, equals), option.substring(equals + 1));
      }
      if (overlay.volatileUpper()) {
        context.setFlag("volatile");
      }
      context.setLabel(overlay.context());
      context.mount(target, Set.of());
    }
  }

  /** Whether this kernel takes {@code lowerdir+}: then an EINVAL had another cause. */
  private boolean appendsLowers() {
    try (FsContext context = FsContext.open("overlay")) {
      context.set("lowerdir+", "/");
      return !takesAnything(context);
    } catch (LinuxException e) {
      return e.errno() != Errno.EINVAL && e.errno() != Errno.ENOSYS;
    }
  }

  /** Before Linux 6.5 overlayfs looks at its options only when it is mounted. */
  private static boolean takesAnything(FsContext context) {
    try {
      context.set("no_such_option", "1");
      return true;
    } catch (LinuxException _) {
      return false;
    }
  }

  void mountByString() {
    String data = data(false);
    if (data.getBytes(StandardCharsets.UTF_8).length > MAX_DATA_BYTES) {
      data = data(true);
    }
    if (MountLibc.mount("overlay", target.toString(), "overlay", 0, data) != 0) {
      throw LinuxException.last("mount", "overlay on " + target + " (" + data + ")");
    }
  }

  private String data(boolean brief) {
    StringBuilder data = new StringBuilder("lowerdir=");
    for (int i = 0; i < overlay.lowers().size(); i++) {
      Path lower = overlay.lowers().get(i);
      data.append(i == 0 ? "" : ":").append(brief ? descriptor(lower) : escaped(lower));
    }
    Path upper = overlay.upper();
    Path work = overlay.work();
    if (upper != null && work != null) {
      data.append(",upperdir=").append(escaped(upper)).append(",workdir=").append(escaped(work));
    }
    for (String option : OPTIONS) {
      data.append(',').append(option);
    }
    if (!overlay.context().isEmpty()) {
      // mount(8): a label may have commas.
      data.append(",context=\"").append(overlay.context()).append('"');
    }
    return data.append(overlay.volatileUpper() ? ",volatile" : "").toString();
  }

  private static String escaped(Path path) {
    return path.toString().replace("\\", "\\\\").replace(":", "\\:").replace(",", "\\,");
  }

  private String brief(Path path) {
    String name = path.toString();
    return name.getBytes(StandardCharsets.UTF_8).length <= FsContext.MAX_VALUE_BYTES
        ? name
        : descriptor(path);
  }

  private String descriptor(Path path) {
    Fd fd = Fd.open(path.toString(), Fd.O_PATH | Fd.O_DIRECTORY, 0);
    opened.add(fd);
    return fd.procPath();
  }

  @Override
  public void close() {
    opened.forEach(Fd::close);
  }
}
