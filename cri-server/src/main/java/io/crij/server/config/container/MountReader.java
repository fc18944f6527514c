package io.crij.server.config.container;

import io.crij.runtime.settings.MountSettings;
import io.crij.server.config.given.Given;
import io.crij.server.config.given.Key;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What is mounted into containers, and how. */
final class MountReader {
  private static final Path ZONES = Path.of("/usr/share/zoneinfo");
  private static final Path LOCAL_ZONE = Path.of("/etc/localtime");
  private static final Pattern ZONE = Pattern.compile("[A-Za-z0-9_+-]+(/[A-Za-z0-9_+-]+){0,3}");

  /** containers-mounts.conf(5): the administrator's before the distribution's. */
  private static final List<Path> MOUNTS_FILES =
      List.of(Path.of("/etc/containers/mounts.conf"), Path.of("/usr/share/containers/mounts.conf"));

  private final Given given;

  MountReader(Given given) {
    this.given = given;
  }

  MountSettings read() {
    return new MountSettings(
        given.isSet(Key.READ_ONLY),
        timezone(),
        mountsFiles(),
        given.paths(Key.ABSENT_MOUNT_SOURCES_TO_REJECT),
        nodeRoot());
  }

  private Path nodeRoot() {
    Path prefix = given.optionalPath(Key.BIND_MOUNT_PREFIX);
    if (prefix == null) {
      return MountSettings.NONE.nodeRoot();
    }
    if (!Files.isDirectory(prefix, LinkOption.NOFOLLOW_LINKS)) {
      throw given.wrong(Key.BIND_MOUNT_PREFIX, "no such folder: " + prefix);
    }
    return prefix;
  }

  /** As a file of the node: an image may have none. */
  private @Nullable Path timezone() {
    String zone = given.get(Key.TIMEZONE).string();
    if (zone.isEmpty()) {
      return null;
    }
    if (!zone.equals("Local") && !ZONE.matcher(zone).matches()) {
      throw given.wrong(Key.TIMEZONE, "'" + zone + "' is neither Local nor the name of a zone");
    }
    try {
      Path file = (zone.equals("Local") ? LOCAL_ZONE : ZONES.resolve(zone)).toRealPath();
      if (Files.isRegularFile(file)) {
        return file;
      }
    } catch (IOException _) {
      // As for a folder of zones.
    }
    throw given.wrong(Key.TIMEZONE, "this node knows no zone '" + zone + "'");
  }

  private List<Path> mountsFiles() {
    Path named = given.optionalPath(Key.DEFAULT_MOUNTS_FILE);
    if (named == null) {
      return MOUNTS_FILES;
    }
    if (!Files.isRegularFile(named)) {
      throw given.wrong(Key.DEFAULT_MOUNTS_FILE, "no such file: " + named);
    }
    return List.of(named);
  }
}
