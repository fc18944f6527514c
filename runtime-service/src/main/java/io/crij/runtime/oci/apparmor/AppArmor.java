package io.crij.runtime.oci.apparmor;

import io.crij.runtime.ServiceException;
import io.crij.runtime.program.CommandLine;
import io.crij.runtime.settings.ProcessSettings;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A node's AppArmor, which it may not have: the profiles that its kernel knows. */
public final class AppArmor {
  private static final Logger log = LoggerFactory.getLogger(AppArmor.class);
  private static final String OWN_PROFILE = ProcessSettings.OWN_APPARMOR_PROFILE;
  private static final String ENABLED = "sys/module/apparmor/parameters/enabled";
  private static final String PROFILES = "sys/kernel/security/apparmor/profiles";
  private static final List<String> PROGRAM_FOLDERS =
      List.of("usr/local/sbin", "usr/sbin", "sbin", "usr/local/bin", "usr/bin", "bin");
  private static final String PARSER = "apparmor_parser";
  private static final Duration LIMIT = Duration.ofSeconds(30);

  private final Path root;
  private final boolean enabled;
  private final ReentrantLock loading = new ReentrantLock();

  private volatile String trouble = "";

  /**
   * @param root where the node's {@code sys}, and its programs, are
   */
  public AppArmor(Path root) {
    this.root = root;
    this.enabled = isEnabled(root);
  }

  /** That of the node this process runs on. */
  public static AppArmor ofNode() {
    return new AppArmor(Path.of("/"));
  }

  /** Whether the kernel has it, and it is switched on. */
  public boolean isEnabled() {
    return enabled;
  }

  private static boolean isEnabled(Path root) {
    try {
      return Files.readString(root.resolve(ENABLED)).strip().equals("Y");
    } catch (IOException _) {
      return false;
    }
  }

  /**
   * Sees to it that a container can have a profile. Our own is loaded if the kernel does not know
   * it; others are loaded by the node's administrator.
   *
   * @return null when it can, else the reason why not
   */
  public @Nullable String whyNot(String profile) {
    try {
      if (profile.equals(OWN_PROFILE)) {
        return loadOwn();
      }
      return isLoaded(profile) ? null : "profile " + profile + " is not loaded on this node";
    } catch (IOException e) {
      return "profile " + profile + ": read " + root.resolve(PROFILES) + ": " + e.getMessage();
    }
  }

  /**
   * Notes that a container that asks for no profile has none, because ours cannot be loaded: most
   * kernels have AppArmor, also on nodes where nobody uses it.
   */
  void runsWithoutOwn(String reason) {
    loading.lock();
    try {
      if (!reason.equals(trouble)) {
        log.warn("containers that ask for no AppArmor profile have none: {}", reason);
      }
      trouble = reason;
    } finally {
      loading.unlock();
    }
  }

  /**
   * Why containers that ask for no profile were given none; empty while none was, or our profile is
   * there again.
   */
  public String trouble() {
    return trouble;
  }

  /** The kernel has a line for each: name, and mode in parentheses. */
  private boolean isLoaded(String profile) throws IOException {
    return Files.readString(root.resolve(PROFILES))
        .lines()
        .anyMatch(line -> line.startsWith(profile + " ("));
  }

  private @Nullable String loadOwn() throws IOException {
    String reason = isLoaded(OWN_PROFILE) ? null : load();
    if (reason == null) {
      trouble = "";
    }
    return reason;
  }

  private @Nullable String load() throws IOException {
    loading.lock();
    try {
      return isLoaded(OWN_PROFILE) ? null : parse();
    } finally {
      loading.unlock();
    }
  }

  private @Nullable String parse() {
    Path parser = parser();
    if (parser == null) {
      return "profile " + OWN_PROFILE + " is not loaded, and this node has no " + PARSER + "(8)";
    }
    try {
      CommandLine.Result result =
          CommandLine.run(
              List.of(parser.toString(), "--replace", "--skip-cache"), ownProfile(), LIMIT);
      return result.succeeded()
          ? null
          : "load profile " + OWN_PROFILE + ": " + PARSER + ": " + result.output().strip();
    } catch (ServiceException e) {
      return "load profile " + OWN_PROFILE + ": " + e.getMessage();
    }
  }

  private @Nullable Path parser() {
    return PROGRAM_FOLDERS.stream()
        .map(folder -> root.resolve(folder).resolve(PARSER))
        .filter(Files::isExecutable)
        .findFirst()
        .orElse(null);
  }

  private static byte[] ownProfile() {
    try (InputStream in =
        Objects.requireNonNull(AppArmor.class.getResourceAsStream(OWN_PROFILE), OWN_PROFILE)) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException("read " + OWN_PROFILE, e);
    }
  }
}
