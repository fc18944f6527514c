package io.crij.server.config.container;

import io.crij.runtime.oci.node.CapabilityNames;
import io.crij.runtime.oci.node.ResourceLimit;
import io.crij.runtime.settings.ProcessSettings;
import io.crij.runtime.settings.SelinuxSettings;
import io.crij.server.config.given.Given;
import io.crij.server.config.given.Key;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What processes of containers get. */
final class ProcessReader {
  private static final Pattern ULIMIT =
      Pattern.compile("([a-z]+)=(-1|\\d{1,18})(?::(-1|\\d{1,18}))?");

  /** Of setrlimit(2). */
  private static final Set<String> ULIMITS =
      Set.of(
          "as",
          "core",
          "cpu",
          "data",
          "fsize",
          "locks",
          "memlock",
          "msgqueue",
          "nice",
          "nofile",
          "nproc",
          "rss",
          "rtprio",
          "rttime",
          "sigpending",
          "stack");

  private static final BigInteger UNLIMITED = BigInteger.TWO.pow(64).subtract(BigInteger.ONE);

  /** Two of them make a pair. */
  private static final int FEWEST_CATEGORIES = 2;

  private static final long MAX_GOMAXPROCS = 1 << 16;

  private final Given given;

  ProcessReader(Given given) {
    this.given = given;
  }

  ProcessSettings read() {
    return new ProcessSettings(
        env(),
        ulimits(),
        capabilities(),
        given.isSet(Key.ADD_INHERITABLE_CAPABILITIES),
        pidsLimit(),
        gomaxprocs(),
        selinux(),
        apparmorProfile(),
        SeccompReader.of(given));
  }

  private Map<String, String> env() {
    Map<String, String> env = new LinkedHashMap<>();
    for (String entry : given.get(Key.DEFAULT_ENV).strings()) {
      int equals = entry.indexOf('=');
      if (equals < 1 || entry.indexOf('\0') >= 0) {
        throw given.wrong(Key.DEFAULT_ENV, "'" + entry + "' is not NAME=value");
      }
      if (env.put(entry.substring(0, equals), entry.substring(equals + 1)) != null) {
        throw given.wrong(Key.DEFAULT_ENV, "'" + entry.substring(0, equals) + "' twice");
      }
    }
    return env;
  }

  private List<ResourceLimit> ulimits() {
    List<ResourceLimit> limits = new ArrayList<>();
    Set<String> names = new TreeSet<>();
    for (String entry : given.get(Key.DEFAULT_ULIMITS).strings()) {
      Matcher parts = ULIMIT.matcher(entry);
      if (!parts.matches() || !ULIMITS.contains(parts.group(1))) {
        throw given.wrong(
            Key.DEFAULT_ULIMITS, "'" + entry + "' is not name=soft:hard such as nofile=1024:2048");
      }
      BigInteger soft = limit(parts.group(2));
      BigInteger hard = parts.group(3) == null ? soft : limit(parts.group(3));
      if (soft.compareTo(hard) > 0) {
        throw given.wrong(Key.DEFAULT_ULIMITS, "'" + entry + "' is more than its hard limit");
      }
      if (!names.add(parts.group(1))) {
        throw given.wrong(Key.DEFAULT_ULIMITS, "'" + parts.group(1) + "' twice");
      }
      limits.add(
          new ResourceLimit("RLIMIT_" + parts.group(1).toUpperCase(Locale.ROOT), soft, hard));
    }
    return limits;
  }

  private static BigInteger limit(String text) {
    return text.equals("-1") ? UNLIMITED : new BigInteger(text);
  }

  private Set<String> capabilities() {
    Set<String> capabilities = new TreeSet<>();
    for (String entry : given.get(Key.DEFAULT_CAPABILITIES).strings()) {
      String name = entry.startsWith("CAP_") ? entry : "CAP_" + entry;
      if (CapabilityNames.number(name) < 0) {
        throw given.wrong(Key.DEFAULT_CAPABILITIES, "'" + entry + "' is no capability");
      }
      capabilities.add(name);
    }
    return capabilities;
  }

  private SelinuxSettings selinux() {
    long categories = given.number(Key.SELINUX_CATEGORY_RANGE);
    if (categories < FEWEST_CATEGORIES || categories > SelinuxSettings.ALL_CATEGORIES) {
      throw given.wrong(
          Key.SELINUX_CATEGORY_RANGE,
          "%d is not within %d to %d"
              .formatted(categories, FEWEST_CATEGORIES, SelinuxSettings.ALL_CATEGORIES));
    }
    return new SelinuxSettings(
        given.isSet(Key.SELINUX), (int) categories, !given.isSet(Key.HOSTNETWORK_DISABLE_SELINUX));
  }

  private String apparmorProfile() {
    String profile = given.get(Key.APPARMOR_PROFILE).string();
    if (profile.isEmpty()) {
      throw given.wrong(Key.APPARMOR_PROFILE, "is empty");
    }
    return profile;
  }

  private long pidsLimit() {
    long limit = given.number(Key.PIDS_LIMIT);
    if (limit < -1 || limit == 0) {
      throw given.wrong(Key.PIDS_LIMIT, limit + " is neither -1 nor positive");
    }
    return Math.max(0, limit);
  }

  private long gomaxprocs() {
    long least = given.number(Key.MIN_INJECTED_GOMAXPROCS);
    if (least < 0 || least > MAX_GOMAXPROCS) {
      throw given.wrong(
          Key.MIN_INJECTED_GOMAXPROCS, least + " is not within 0 to " + MAX_GOMAXPROCS);
    }
    return least;
  }
}
