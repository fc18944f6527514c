package io.crij.runtime.oci.seccomp;

import io.crij.linux.Fd;
import io.crij.linux.LinuxException;
import io.crij.runtime.ServiceException;
import io.crij.runtime.json.BadFileException;
import io.crij.runtime.json.JsonFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * A profile from a file of the node, in the runtime-spec's form or in Docker's, whose rules can
 * depend on capabilities and architectures.
 */
final class ProfileFile {
  private static final int SIZE_LIMIT = 1 << 20;
  private static final List<String> COPIED = List.of("defaultAction", "defaultErrnoRet", "flags");
  private static final List<String> COPIED_OF_RULE = List.of("action", "errnoRet", "args");

  private final Path path;
  private final JsonNode profile;

  private ProfileFile(Path path, JsonNode profile) {
    this.path = path;
    this.profile = profile;
  }

  /** Reads a profile: a regular file of at most 1 MiB, not by a symbolic link. */
  static ProfileFile read(Path path) {
    try (Fd fd =
            Fd.open(path.toString(), Fd.O_RDONLY | Fd.O_NOFOLLOW | Fd.O_NONBLOCK | Fd.O_NOCTTY, 0);
        InputStream in = regularFile(path, fd)) {
      ObjectNode profile = JsonFile.object(path, in, SIZE_LIMIT);
      if (!profile.path("defaultAction").isString()) {
        throw new BadFileException(path + ": no defaultAction");
      }
      return new ProfileFile(path, profile);
    } catch (BadFileException e) {
      throw new ServiceException.InvalidArgument("seccomp profile " + e.getMessage(), e);
    } catch (LinuxException | IOException e) {
      throw new ServiceException.InvalidArgument(
          "seccomp profile " + path + ": " + e.getMessage(), e);
    }
  }

  private static InputStream regularFile(Path path, Fd fd) throws IOException {
    Path open = Path.of(fd.procPath());
    if (!Files.isRegularFile(open)) {
      throw new IOException(path + " is not a regular file");
    }
    return Files.newInputStream(open);
  }

  ObjectNode filter(Architecture architecture, CallOrder order, Set<String> capabilities) {
    ObjectNode filter = JsonNodeFactory.instance.objectNode();
    // Not listenerPath: the OCI runtime would connect to any socket of the node.
    copy(profile, filter, COPIED);
    filter.set("architectures", architectures(architecture));
    ArrayNode syscalls = JsonNodeFactory.instance.arrayNode();
    for (JsonNode rule : profile.path("syscalls")) {
      if (applies(rule, architecture, capabilities)) {
        syscalls.add(rule(rule));
      }
    }
    filter.set("syscalls", order.apply(syscalls));
    return filter;
  }

  private ArrayNode architectures(Architecture architecture) {
    ArrayNode names = JsonNodeFactory.instance.arrayNode();
    for (JsonNode name : profile.path("architectures")) {
      names.add(name.asString());
    }
    for (JsonNode entry : profile.path("archMap")) {
      String native0 = entry.path("architecture").asString("");
      if (architecture.seccompNames().contains(native0)) {
        names.add(native0);
        entry.path("subArchitectures").forEach(name -> names.add(name.asString()));
      }
    }
    return names;
  }

  private ObjectNode rule(JsonNode rule) {
    ObjectNode copy = JsonNodeFactory.instance.objectNode();
    ArrayNode names = copy.putArray("names");
    rule.path("names").forEach(name -> names.add(name.asString()));
    if (rule.path("name").isString()) {
      names.add(rule.path("name").asString());
    }
    if (names.isEmpty() || !rule.path("action").isString()) {
      throw new ServiceException.InvalidArgument(
          "seccomp profile " + path + ": a rule without names or action");
    }
    copy(rule, copy, COPIED_OF_RULE);
    return copy;
  }

  // Docker's form (moby, profiles/seccomp): "includes" must all hold, "excludes" must not.
  private static boolean applies(
      JsonNode rule, Architecture architecture, Set<String> capabilities) {
    for (JsonNode name : rule.path("includes").path("caps")) {
      if (!capabilities.contains(name.asString())) {
        return false;
      }
    }
    for (JsonNode name : rule.path("excludes").path("caps")) {
      if (capabilities.contains(name.asString())) {
        return false;
      }
    }
    JsonNode included = rule.path("includes").path("arches");
    return (included.isEmpty() || names(included, architecture))
        && !names(rule.path("excludes").path("arches"), architecture);
  }

  private static boolean names(JsonNode list, Architecture architecture) {
    for (JsonNode name : list) {
      if (name.asString().equals(architecture.goName())) {
        return true;
      }
    }
    return false;
  }

  private static void copy(JsonNode from, ObjectNode to, List<String> fields) {
    for (String field : fields) {
      if (!from.path(field).isMissingNode() && !from.path(field).isNull()) {
        to.set(field, from.get(field));
      }
    }
  }
}
