package io.crij.image.tar;

import io.crij.linux.tree.Attributes;
import java.util.Map;

/**
 * One entry of an archive. Only regular files have content; what other headers say about a size is
 * ignored, as other readers do.
 *
 * @param name as it stands there: may be absolute, may hold {@code ..}
 * @param linkName of hard and symbolic links, as it stands there
 * @param content of a regular file
 * @param major number of a device
 * @param minor number of a device
 * @param xattrs extended attributes by their full names
 */
@SuppressWarnings("ArrayRecordComponent") // read once, never compared
public record TarEntry(
    TarType type,
    byte[] name,
    byte[] linkName,
    Attributes attributes,
    TarContent content,
    int major,
    int minor,
    Map<String, byte[]> xattrs) {}
