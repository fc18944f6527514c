package io.crij.e2e.kubernetes;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** What the tests have Kubernetes run: YAML in {@code src/test/resources/kubernetes}. */
final class Manifests {
  private Manifests() {}

  static String read(String name) throws IOException {
    try (InputStream in = Manifests.class.getResourceAsStream("/kubernetes/" + name)) {
      if (in == null) {
        throw new FileNotFoundException("no such manifest: " + name);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  /** With each {@code ${NAME}} replaced by the value of that name. */
  static String read(String name, Map<String, String> values) throws IOException {
    String text = read(name);
    for (var value : values.entrySet()) {
      text = text.replace("${" + value.getKey() + "}", value.getValue());
    }
    return text;
  }
}
