package io.crij.runtime.hooks;

import io.crij.runtime.json.BadFileException;
import io.crij.runtime.json.Fields;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What files say of a hook's program. */
public final class HookFields {
  private HookFields() {}

  /**
   * Takes {@code path}, {@code args}, {@code env} and {@code timeout}.
   *
   * @param fields with these alone, and what was taken before
   */
  public static Hook take(Fields fields, String stage) throws BadFileException {
    String path = fields.string("path");
    if (!path.startsWith("/")) {
      throw fields.wrong("path", "not absolute: '" + path + "'");
    }
    List<String> env = fields.strings("env");
    for (String entry : env) {
      if (entry.indexOf('=') < 1) {
        throw fields.wrong("env", "'" + entry + "' is not NAME=value");
      }
    }
    @Nullable Long timeout = fields.number("timeout", 1);
    Hook hook =
        new Hook(
            stage,
            path,
            fields.strings("args"),
            env,
            timeout == null ? null : (int) Math.min(Integer.MAX_VALUE, timeout));
    fields.end();
    return hook;
  }
}
