package io.crij.runtime.oci.rootfs;

import io.crij.linux.tree.FileType;
import io.crij.linux.tree.Name;
import io.crij.linux.tree.Stat;
import io.crij.linux.tree.Tree;
import io.crij.runtime.ServiceException;
import java.util.List;

/**
 * Refuses an image whose top folders are symbolic links: OCI runtimes make device files and links
 * there, and older ones follow (CVE-2024-5154, CVE-2026-41579, CVE-2026-47766).
 */
public final class RootfsLayout {
  private static final List<String> FOLDERS = List.of("dev", "etc", "proc", "run", "sys");

  private RootfsLayout() {}

  /**
   * @throws ServiceException.InvalidArgument naming the folder
   */
  public static void check(Tree rootfs) {
    for (String folder : FOLDERS) {
      Stat stat = rootfs.root().stat(Name.of(folder));
      if (stat != null && stat.type() != FileType.DIRECTORY) {
        throw new ServiceException.InvalidArgument(
            "image: /" + folder + " of its root file system is not a directory");
      }
    }
  }
}
