package io.crij.linux.mount;

import java.util.List;

/**
 * One line of {@code /proc/self/mountinfo} (proc_pid_mountinfo(5)).
 *
 * @param id of the mount; reused once it is gone
 * @param parentId of the mount it is mounted on
 * @param root the folder or file of the file system that is shown, e.g. {@code net:[4026532008]}
 * @param mountPoint where, relative to the process's root
 * @param options of the mount, e.g. {@code rw}, {@code nosuid}
 * @param propagation the optional fields, e.g. {@code shared:1}; empty means private
 * @param type of the file system, e.g. {@code overlay}
 * @param source what is mounted, as the mounter said
 * @param superOptions of the file system
 */
public record MountEntry(
    int id,
    int parentId,
    String root,
    String mountPoint,
    List<String> options,
    List<String> propagation,
    String type,
    String source,
    List<String> superOptions) {}
