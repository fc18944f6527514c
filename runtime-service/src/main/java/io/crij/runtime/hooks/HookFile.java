package io.crij.runtime.hooks;

import io.crij.runtime.json.BadFileException;
import io.crij.runtime.json.Fields;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/**
 * A file of an administrator (oci-hooks(5), version 1.0.0).
 *
 * @param hook its program, for each stage
 */
record HookFile(List<Hook> hook, When when) {
  private static final int MAX_BYTES = 64 << 10;
  private static final String VERSION = "1.0.0";

  HookFile {
    hook = List.copyOf(hook);
  }

  static HookFile read(Path file) throws BadFileException {
    Fields fields = Fields.read(file, MAX_BYTES);
    String version = fields.string("version");
    if (!version.equals(VERSION)) {
      throw fields.wrong("version", "'" + version + "' is not " + VERSION);
    }
    Fields program = required(fields, "hook");
    Hook hook = HookFields.take(program, "");
    When when = when(required(fields, "when"));
    List<String> stages = fields.strings("stages");
    if (stages.isEmpty()) {
      throw fields.wrong("stages", "none");
    }
    for (String stage : stages) {
      if (!Hook.STAGES.contains(stage)) {
        throw fields.wrong("stages", "'" + stage + "' is none of " + Hook.STAGES);
      }
    }
    fields.end();
    return new HookFile(
        stages.stream()
            .map(stage ->
                new Hook(stage, hook.path(), hook.args(), hook.env(), hook.timeoutSeconds()))
            .toList(),
        when);
  }

  private static Fields required(Fields fields, String name) throws BadFileException {
    @Nullable Fields object = fields.object(name);
    if (object == null) {
      throw fields.wrong(name, "missing");
    }
    return object;
  }

  private static When when(Fields fields) throws BadFileException {
    Map<Pattern, Pattern> annotations = new LinkedHashMap<>();
    for (Map.Entry<String, String> entry : fields.texts("annotations").entrySet()) {
      annotations.put(
          pattern(fields, "annotations", entry.getKey()),
          pattern(fields, "annotations", entry.getValue()));
    }
    List<Pattern> commands = new ArrayList<>();
    for (String command : fields.strings("commands")) {
      commands.add(pattern(fields, "commands", command));
    }
    When when =
        new When(fields.choice("always"), annotations, commands, fields.choice("hasBindMounts"));
    fields.end();
    return when;
  }

  private static Pattern pattern(Fields fields, String name, String text) throws BadFileException {
    try {
      return Pattern.compile(text);
    } catch (PatternSyntaxException e) {
      throw fields.wrong(name, "'" + text + "' is no regular expression: " + e.getDescription());
    }
  }
}
