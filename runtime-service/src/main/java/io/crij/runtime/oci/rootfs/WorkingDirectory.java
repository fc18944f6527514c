package io.crij.runtime.oci.rootfs;

import io.crij.linux.LinuxException;
import io.crij.linux.tree.BytePath;
import io.crij.linux.tree.Directory;
import io.crij.linux.tree.FileType;
import io.crij.linux.tree.Name;
import io.crij.linux.tree.Stat;
import io.crij.linux.tree.Tree;
import io.crij.runtime.ServiceException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Set;

/**
 * The directory the first process starts in. The OCI runtime makes it, in the container, when it is
 * missing.
 */
public final class WorkingDirectory {
  private static final int LINKS_LIMIT = 40;
  private static final int LENGTH_LIMIT = 4096;

  /** Made by OCI runtimes in every /dev (runtime-spec, runtime-linux.md): they lead to /proc. */
  private static final Set<String> LINKS_OF_DEV = Set.of("core", "fd", "stderr", "stdin", "stdout");

  private WorkingDirectory() {}

  /**
   * The request's, else the image's, else the root.
   *
   * @throws ServiceException.InvalidArgument when it is not absolute, or leads into /proc: there
   *     are open files of the OCI runtime, which may be directories of the node (CVE-2024-21626)
   */
  public static String choose(Tree rootfs, String requested, String ofImage) {
    String chosen = requested.isEmpty() ? ofImage : requested;
    if (chosen.isEmpty()) {
      return "/";
    }
    if (!chosen.startsWith("/") || chosen.indexOf('\0') >= 0 || chosen.length() > LENGTH_LIMIT) {
      throw new ServiceException.InvalidArgument(
          "working_dir: not an absolute path: '" + chosen + "'");
    }
    if (leadsIntoProc(rootfs, chosen)) {
      throw new ServiceException.InvalidArgument("working_dir: leads into /proc: '" + chosen + "'");
    }
    return chosen;
  }

  // By hand, not by the kernel: /proc is not mounted below the root yet, so nothing lies there.
  private static boolean leadsIntoProc(Tree rootfs, String path) {
    Deque<String> ahead = new ArrayDeque<>();
    push(ahead, path);
    Deque<String> walked = new ArrayDeque<>();
    int links = 0;
    while (!ahead.isEmpty()) {
      String name = ahead.pop();
      if (name.equals("..")) {
        walked.pollLast();
        continue;
      }
      if (walked.isEmpty() && name.equals("proc") && !ahead.isEmpty()) {
        return true;
      }
      if (walked.size() == 1 && walked.getFirst().equals("dev") && LINKS_OF_DEV.contains(name)) {
        return true;
      }
      byte[] link = links < LINKS_LIMIT ? link(rootfs, walked, name) : new byte[0];
      if (link.length == 0) {
        walked.addLast(name);
        continue;
      }
      links++;
      String target = new String(link, StandardCharsets.UTF_8);
      if (target.startsWith("/")) {
        walked.clear();
      }
      push(ahead, target);
    }
    return false;
  }

  private static void push(Deque<String> ahead, String path) {
    String[] names = path.split("/", -1);
    for (int i = names.length - 1; i >= 0; i--) {
      if (!names[i].isEmpty() && !names[i].equals(".")) {
        ahead.push(names[i]);
      }
    }
  }

  /** Where a symbolic link points; empty for anything else, or nothing. */
  private static byte[] link(Tree rootfs, Deque<String> folder, String name) {
    try (Directory directory = rootfs.directory(BytePath.of("/" + String.join("/", folder)))) {
      Stat stat = directory.stat(Name.of(name));
      boolean link = stat != null && stat.type() == FileType.SYMLINK;
      return link ? directory.readLink(Name.of(name)) : new byte[0];
    } catch (LinuxException _) {
      // No such folder: the OCI runtime will make it, and links in it there cannot be.
      return new byte[0];
    }
  }
}
