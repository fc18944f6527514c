package io.crij.runtime.oci.base;

import io.crij.runtime.ServiceException;
import io.crij.runtime.json.BadFileException;
import io.crij.runtime.json.JsonFile;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A specification of the runtime-spec from a file of the node, as containerd's {@code
 * base_runtime_spec}: variables, limits, mounts, hooks, annotations and resources of it hold where
 * nothing else is said. All else of it is passed over, so that a whole specification will do, as
 * {@code ctr oci spec} writes it.
 */
public final class BaseSpec {
  private static final int SIZE_LIMIT = 1 << 20;
  private static final JsonMapper MAPPER = new JsonMapper();

  /** In memory in what {@code ctr oci spec} writes, which containerd does not do either. */
  private static final String RUN = "/run";

  private final Path path;
  private final ObjectNode base;

  private BaseSpec(Path path, ObjectNode base) {
    this.path = path;
    this.base = base;
  }

  /**
   * Reads it.
   *
   * @throws ServiceException.FailedPrecondition when it is missing, larger than 1 MiB or not JSON
   */
  public static BaseSpec read(Path path) {
    try {
      return new BaseSpec(path, JsonFile.object(path, SIZE_LIMIT));
    } catch (BadFileException e) {
      throw new ServiceException.FailedPrecondition("base_runtime_spec " + e.getMessage(), e);
    }
  }

  /** Puts it below a specification. */
  public void under(ObjectNode spec) {
    ObjectNode process = (ObjectNode) spec.path("process");
    process.set("env", byKey(list("/process/env"), process.path("env"), BaseSpec::variable));
    // The request has no limits; those of the handler are nearer than those of all containers.
    process.set("rlimits", byKey(process.path("rlimits"), list("/process/rlimits"), named("type")));
    ArrayNode mounts = (ArrayNode) spec.path("mounts");
    list("/mounts").forEach(mount -> add(mounts, object(mount, "mounts")));
    hooks(spec);
    lay(spec, "annotations", base.path("annotations"));
    ObjectNode resources =
        base.path("linux").path("resources").isObject()
            ? (ObjectNode) base.path("linux").path("resources").deepCopy()
            : MAPPER.createObjectNode();
    resources.remove("devices");
    lay((ObjectNode) spec.path("linux"), "resources", resources);
  }

  private ArrayNode list(String pointer) {
    JsonNode list = base.at(pointer);
    if (list.isMissingNode() || list.isNull()) {
      return MAPPER.createArrayNode();
    }
    if (list instanceof ArrayNode array) {
      return array;
    }
    throw refused(path, pointer.substring(1).replace('/', '.') + ": not an array");
  }

  /** All of both; of the same key the later. */
  private static ArrayNode byKey(JsonNode first, JsonNode later, Function<JsonNode, String> key) {
    Map<String, JsonNode> all = new LinkedHashMap<>();
    first.forEach(entry -> all.put(key.apply(entry), entry));
    later.forEach(entry -> all.put(key.apply(entry), entry));
    ArrayNode merged = MAPPER.createArrayNode();
    all.values().forEach(merged::add);
    return merged;
  }

  private static String variable(JsonNode entry) {
    String text = entry.asString("");
    int equals = text.indexOf('=');
    return equals < 0 ? text : text.substring(0, equals);
  }

  private static Function<JsonNode, String> named(String field) {
    return entry -> entry.path(field).asString("");
  }

  /** Before what is mounted below it; not where something else is mounted. */
  private void add(ArrayNode mounts, ObjectNode mount) {
    String destination = mount.path("destination").asString("");
    if (!destination.startsWith("/")) {
      throw refused(path, "mounts: destination: not an absolute path: '" + destination + "'");
    }
    Path at = Path.of(destination).normalize();
    int place = mounts.size();
    for (int i = mounts.size() - 1; i >= 0; i--) {
      Path other = Path.of(mounts.path(i).path("destination").asString("")).normalize();
      if (other.equals(at)) {
        return;
      }
      if (other.startsWith(at)) {
        place = i;
      }
    }
    if (!at.toString().equals(RUN) || !mount.path("type").asString("").equals("tmpfs")) {
      mounts.insert(place, mount);
    }
  }

  /** The administrator's other hooks come after. */
  private void hooks(ObjectNode spec) {
    for (Map.Entry<String, JsonNode> stage : base.path("hooks").properties()) {
      ArrayNode all = MAPPER.createArrayNode();
      all.addAll(list("/hooks/" + stage.getKey()));
      spec.path("hooks").path(stage.getKey()).forEach(all::add);
      spec.withObject("/hooks").set(stage.getKey(), all);
    }
  }

  /** Lays what is there over it, value by value. */
  private static void lay(ObjectNode parent, String field, JsonNode below) {
    if (!(below instanceof ObjectNode object)) {
      return;
    }
    if (!parent.has(field)) {
      if (!object.isEmpty()) {
        parent.set(field, object);
      }
      return;
    }
    if (parent.path(field) instanceof ObjectNode above) {
      for (Map.Entry<String, JsonNode> entry : object.properties()) {
        if (entry.getValue() instanceof ObjectNode) {
          lay(above, entry.getKey(), entry.getValue());
        } else if (!above.has(entry.getKey())) {
          above.set(entry.getKey(), entry.getValue());
        }
      }
    }
  }

  private ObjectNode object(JsonNode node, String field) {
    if (node instanceof ObjectNode object) {
      return object;
    }
    throw refused(path, field + ": not an object");
  }

  private static ServiceException refused(Path path, String reason) {
    return new ServiceException.FailedPrecondition("base_runtime_spec " + path + ": " + reason);
  }
}
