package io.crij.runtime.oci.spec;

import com.google.protobuf.ByteString;
import io.crij.cri.v1.KeyValue;
import io.crij.runtime.ServiceException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The environment: defaults, then the configuration's, the image's, and the request's; the last of
 * a name wins.
 */
final class Environment {
  private static final String PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

  private Environment() {}

  static List<String> of(SpecInput input) {
    Map<String, String> values = new LinkedHashMap<>();
    values.put("PATH", PATH);
    if (input.config().getTty()) {
      values.put("TERM", "xterm");
    }
    values.put("HOSTNAME", input.pod().hostname());
    values.putAll(input.settings().process().env());
    for (String entry : input.image().env()) {
      int equals = entry.indexOf('=');
      // The image's author wrote these, not the caller: what cannot be a variable is passed over.
      if (equals > 0 && entry.indexOf('\0') < 0) {
        values.put(entry.substring(0, equals), entry.substring(equals + 1));
      }
    }
    for (KeyValue variable : input.config().getEnvsList()) {
      values.put(key(variable.getKey()), value(variable));
    }
    values.putAll(input.edits().env());
    long threads = Gomaxprocs.of(input);
    if (threads > 0) {
      values.putIfAbsent(Gomaxprocs.VARIABLE, Long.toString(threads));
    }
    return values.entrySet().stream().map(e -> e.getKey() + "=" + e.getValue()).toList();
  }

  private static String key(String key) {
    if (key.isEmpty() || key.indexOf('=') >= 0 || key.indexOf('\0') >= 0) {
      throw new ServiceException.InvalidArgument(
          "envs: a variable's name must not be empty nor hold '=' or NUL: '" + key + "'");
    }
    return key;
  }

  private static String value(KeyValue variable) {
    ByteString bytes = variable.getValue();
    // config.json is JSON, and JSON is UTF-8: other bytes cannot reach the process unchanged.
    if (!bytes.isValidUtf8()) {
      throw new ServiceException.InvalidArgument(
          "envs: the value of " + variable.getKey() + " is not UTF-8");
    }
    String value = bytes.toString(StandardCharsets.UTF_8);
    if (value.indexOf('\0') >= 0) {
      throw new ServiceException.InvalidArgument(
          "envs: the value of " + variable.getKey() + " holds NUL");
    }
    return value;
  }
}
