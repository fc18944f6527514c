package io.crij.runtime.oci.seccomp;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * Lists of names from a file beside this class: a line {@code [section]}, then lines of names.
 *
 * @param names of each section
 */
record Sections(Map<String, List<String>> names) {

  static Sections read(String resource) {
    Map<String, List<String>> names = new LinkedHashMap<>();
    try (InputStream in =
            Objects.requireNonNull(Sections.class.getResourceAsStream(resource), resource);
        BufferedReader lines =
            new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
      String section = "";
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (line.startsWith("[")) {
          section = line.substring(1, line.length() - 1);
        } else if (!line.isBlank() && !line.startsWith("#")) {
          names
              .computeIfAbsent(section, _ -> new ArrayList<>())
              .addAll(List.of(line.split(" ", -1)));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("read " + resource, e);
    }
    return new Sections(names);
  }

  Set<String> keys() {
    return names.keySet();
  }

  /** Empty: there is no such section. */
  List<String> get(String section) {
    return names.getOrDefault(section, List.of());
  }
}
