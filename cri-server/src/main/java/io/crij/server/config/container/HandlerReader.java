package io.crij.server.config.container;

import io.crij.runtime.settings.HandlerAnnotations;
import io.crij.runtime.settings.HandlerSettings;
import io.crij.runtime.settings.PodAnnotation;
import io.crij.server.config.given.AbsolutePath;
import io.crij.server.config.given.ConfigException;
import io.crij.server.config.given.Given;
import io.crij.server.config.given.NamedKey;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What differs for the containers of one handler. */
final class HandlerReader {
  /** CRI-O's least, and what the monitor is waited for. */
  private static final long LEAST_CREATE_SECONDS = 30;

  private static final long MOST_CREATE_SECONDS = 240;

  private final String name;
  private final Given.Named table;

  HandlerReader(String name, Given.Named table) {
    this.name = name;
    this.table = table;
  }

  HandlerSettings read() {
    return new HandlerSettings(
        minMemoryBytes(),
        new HandlerAnnotations(
            allowed(),
            defaults(),
            keys(NamedKey.POD_ANNOTATIONS),
            keys(NamedKey.CONTAINER_ANNOTATIONS)),
        AbsolutePath.optionalFile(
            table.find(NamedKey.HANDLER_SECCOMP_PROFILE),
            NamedKey.HANDLER_SECCOMP_PROFILE.path(name)),
        table.isSet(NamedKey.PRIVILEGED_WITHOUT_HOST_DEVICES),
        execOnFirstCpu(),
        createLimit(),
        AbsolutePath.optionalFile(
            table.find(NamedKey.BASE_RUNTIME_SPEC), NamedKey.BASE_RUNTIME_SPEC.path(name)),
        !table.isSet(NamedKey.NO_SYNC_LOG));
  }

  private long minMemoryBytes() {
    Given.Value memory = table.find(NamedKey.CONTAINER_MIN_MEMORY);
    return memory == null || memory.string().isEmpty()
        ? HandlerSettings.USUAL.minMemoryBytes()
        : ByteSize.parse(
            memory.origin(), NamedKey.CONTAINER_MIN_MEMORY.path(name), memory.string());
  }

  private Set<PodAnnotation> allowed() {
    Given.Value allowed = table.find(NamedKey.ALLOWED_ANNOTATIONS);
    return allowed == null
        ? HandlerAnnotations.USUAL.allowed()
        : AllowedAnnotations.parse(allowed, NamedKey.ALLOWED_ANNOTATIONS.path(name));
  }

  private Map<String, String> defaults() {
    List<String> strings = table.strings(NamedKey.DEFAULT_ANNOTATIONS);
    Map<String, String> defaults = new HashMap<>();
    for (int i = 0; i < strings.size(); i += 2) {
      defaults.put(strings.get(i), strings.get(i + 1));
    }
    return defaults;
  }

  /** A star alone would let tenants steer the OCI runtime by whatever it knows. */
  private List<String> keys(NamedKey key) {
    for (String text : table.strings(key)) {
      if (text.indexOf('/') < 1 && !text.matches("[a-z0-9].*\\..*")) {
        throw wrong(key, "'" + text + "' is not a key such as dev.gvisor.* or site.example/*");
      }
    }
    return table.strings(key);
  }

  private boolean execOnFirstCpu() {
    return switch (word(NamedKey.EXEC_CPU_AFFINITY)) {
      case "" -> false;
      case "first" -> true;
      default -> throw wrong(NamedKey.EXEC_CPU_AFFINITY, "neither empty nor first");
    };
  }

  private Duration createLimit() {
    String seconds = word(NamedKey.CONTAINER_CREATE_TIMEOUT);
    if (seconds.isEmpty()) {
      return HandlerSettings.USUAL.createLimit();
    }
    long number = Long.parseLong(seconds);
    if (number < LEAST_CREATE_SECONDS || number > MOST_CREATE_SECONDS) {
      throw wrong(
          NamedKey.CONTAINER_CREATE_TIMEOUT,
          number + " is not between " + LEAST_CREATE_SECONDS + " and " + MOST_CREATE_SECONDS);
    }
    return Duration.ofSeconds(number);
  }

  private String word(NamedKey key) {
    List<String> strings = table.strings(key);
    return strings.isEmpty() ? "" : strings.getFirst();
  }

  private ConfigException wrong(NamedKey key, String reason) {
    Given.Value value = table.find(key);
    return new ConfigException(
        value == null ? table.origin() : value.origin(), key.path(name), reason);
  }
}
