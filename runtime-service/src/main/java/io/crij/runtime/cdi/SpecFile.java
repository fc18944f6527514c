package io.crij.runtime.cdi;

import io.crij.runtime.hooks.Hook;
import io.crij.runtime.hooks.HookFields;
import io.crij.runtime.json.BadFileException;
import io.crij.runtime.json.Fields;
import io.crij.runtime.oci.mounts.SpecMount;
import io.crij.runtime.settings.DeviceMapping;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A file that describes devices of a kind (CDI SPEC.md). Of what a file may say, {@code intelRdt}
 * and {@code netDevices} are refused by their names.
 *
 * @param folder its place in the order of folders
 * @param edits for containers with any of its devices
 * @param devices edits by the devices' names
 */
record SpecFile(Path file, int folder, String kind, Edits edits, Map<String, Edits> devices) {
  private static final int MAX_BYTES = 4 << 20;
  private static final Set<String> VERSIONS =
      Set.of("0.3.0", "0.4.0", "0.5.0", "0.6.0", "0.7.0", "0.8.0", "1.0.0", "1.1.0");
  private static final int FILE_MODE = 07777;

  static SpecFile read(Path file, int folder) throws BadFileException {
    Fields fields = Fields.read(file, MAX_BYTES);
    String version = fields.string("cdiVersion");
    if (!VERSIONS.contains(version)) {
      throw fields.wrong("cdiVersion", "'" + version + "' is not a version of 0.3.0 to 1.1.0");
    }
    String kind = fields.string("kind");
    if (!DeviceName.isKind(kind)) {
      throw fields.wrong("kind", "'" + kind + "' is not vendor/class");
    }
    Map<String, String> _ = fields.texts("annotations");
    Map<String, Edits> devices = devices(fields);
    @Nullable Fields common = fields.object("containerEdits");
    Edits edits = common == null ? Edits.NONE : edits(common);
    fields.end();
    return new SpecFile(file, folder, kind, edits, devices);
  }

  private static Map<String, Edits> devices(Fields fields) throws BadFileException {
    Map<String, Edits> devices = new LinkedHashMap<>();
    for (Fields device : fields.objects("devices")) {
      String name = device.string("name");
      if (!DeviceName.isName(name)) {
        throw device.wrong("name", "'" + name + "' is not the name of a device");
      }
      Map<String, String> _ = device.texts("annotations");
      @Nullable Fields edits = device.object("containerEdits");
      if (edits == null) {
        throw device.wrong("containerEdits", "missing");
      }
      if (devices.put(name, edits(edits)) != null) {
        throw device.wrong("name", "'" + name + "' twice");
      }
      device.end();
    }
    if (devices.isEmpty()) {
      throw fields.wrong("devices", "none");
    }
    return devices;
  }

  private static Edits edits(Fields fields) throws BadFileException {
    for (String unknown : List.of("intelRdt", "netDevices")) {
      if (fields.has(unknown)) {
        throw fields.wrong(unknown, "not supported by this version");
      }
    }
    Map<String, String> env = new LinkedHashMap<>();
    for (String entry : fields.strings("env")) {
      int equals = entry.indexOf('=');
      if (equals < 1) {
        throw fields.wrong("env", "'" + entry + "' is not NAME=value");
      }
      env.put(entry.substring(0, equals), entry.substring(equals + 1));
    }
    List<DeviceNode> nodes = new ArrayList<>();
    for (Fields node : fields.objects("deviceNodes")) {
      nodes.add(node(node));
    }
    List<SpecMount> mounts = new ArrayList<>();
    for (Fields mount : fields.objects("mounts")) {
      mounts.add(mount(mount));
    }
    List<Hook> hooks = new ArrayList<>();
    for (Fields hook : fields.objects("hooks")) {
      hooks.add(hook(hook));
    }
    List<Long> groups = fields.numbers("additionalGids");
    fields.end();
    // SPEC.md: "If a value of 0 is specified, it is ignored."
    return new Edits(env, nodes, mounts, hooks, groups.stream().filter(g -> g != 0).toList());
  }

  private static DeviceNode node(Fields fields) throws BadFileException {
    Path inside = path(fields, "path", fields.string("path"));
    String host = fields.string("hostPath", "");
    String permissions = fields.string("permissions", "rwm");
    if (!DeviceMapping.isPermissions(permissions)) {
      throw fields.wrong("permissions", "'" + permissions + "' is not made of r, w and m");
    }
    @Nullable Long mode = fields.number("fileMode", 0);
    if (mode != null && mode > FILE_MODE) {
      throw fields.wrong("fileMode", mode + " has more than permissions");
    }
    String type = fields.string("type", "");
    if (!Set.of("", "b", "c", "u").contains(type)) {
      throw fields.wrong("type", "'" + type + "' is none of b, c, u");
    }
    // What the device is, the node knows: it is made of the one at hostPath.
    @Nullable Long _ = fields.number("major", 0);
    @Nullable Long _ = fields.number("minor", 0);
    DeviceNode node =
        new DeviceNode(
            inside,
            host.isEmpty() ? inside : path(fields, "hostPath", host),
            permissions,
            mode == null ? null : mode.intValue(),
            fields.number("uid", 0),
            fields.number("gid", 0));
    fields.end();
    return node;
  }

  private static SpecMount mount(Fields fields) throws BadFileException {
    String inside = path(fields, "containerPath", fields.string("containerPath")).toString();
    String host = fields.string("hostPath");
    String type = fields.string("type", "");
    List<String> options = fields.strings("options");
    fields.end();
    boolean bind = type.isEmpty() || type.equals("bind") || type.equals("none");
    if (bind) {
      List<String> all = new ArrayList<>(options);
      if (!all.contains("bind") && !all.contains("rbind")) {
        all.addFirst("rbind");
      }
      return new SpecMount(inside, "bind", path(fields, "hostPath", host).toString(), all);
    }
    if (!type.equals("tmpfs")) {
      throw fields.wrong("type", "'" + type + "' is neither bind nor tmpfs");
    }
    return new SpecMount(inside, type, host, options);
  }

  private static Hook hook(Fields fields) throws BadFileException {
    String stage = fields.string("hookName");
    if (!Hook.STAGES.contains(stage)) {
      throw fields.wrong("hookName", "'" + stage + "' is none of " + Hook.STAGES);
    }
    return HookFields.take(fields, stage);
  }

  private static Path path(Fields fields, String name, String text) throws BadFileException {
    Path path = Path.of(text).normalize();
    if (!path.isAbsolute() || path.getNameCount() == 0) {
      throw fields.wrong(name, "not an absolute path: '" + text + "'");
    }
    return path;
  }
}
