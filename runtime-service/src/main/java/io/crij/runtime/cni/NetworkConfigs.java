package io.crij.runtime.cni;

import io.crij.linux.AtomicFile;
import io.crij.runtime.cni.template.NetworkTemplate;
import io.crij.runtime.cni.template.PodRanges;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The folder of network configurations. The first file by name that is valid, and of the network
 * that is wanted, counts; files are read again when one of them has changed, which each use finds
 * out.
 */
final class NetworkConfigs {
  private static final Logger log = LoggerFactory.getLogger(NetworkConfigs.class);
  private static final String GLOB = "*.{conf,conflist,json}";
  private static final int MAX_FILES = 1000;
  private static final int MAX_BYTES = 1 << 20;

  /** Of the file that is made of a template. */
  private static final String GENERATED = "10-crij-net.conflist";

  private record Version(Path file, FileTime modified, long sizeBytes, @Nullable Object key) {}

  /**
   * @param file the one whose configuration counts
   */
  private record Loaded(
      List<Version> files, @Nullable Path file, @Nullable NetworkConfig config, String reason) {}

  private final Path folder;
  private final String wanted;
  private final ReentrantLock loading = new ReentrantLock();
  private volatile Loaded loaded = new Loaded(List.of(), null, null, "");

  /**
   * @param wanted the name of the network; empty: any
   */
  NetworkConfigs(Path folder, String wanted) {
    this.folder = folder;
    this.wanted = wanted;
  }

  /**
   * The configuration that counts now.
   *
   * @throws CniException when there is none, saying why
   */
  NetworkConfig current() {
    Loaded now = look();
    NetworkConfig config = now.config();
    if (config == null) {
      String which = wanted.isEmpty() ? "" : " of the network " + wanted;
      throw new CniException("no network configuration" + which + " in " + folder + now.reason());
    }
    return config;
  }

  private Loaded look() {
    List<Version> files = files();
    Loaded now = loaded;
    if (!now.files().equals(files)) {
      loading.lock();
      try {
        now = load(files);
        loaded = now;
      } finally {
        loading.unlock();
      }
    }
    return now;
  }

  /**
   * Makes a configuration of the template, unless another counts.
   *
   * @throws CniException when the result is no configuration, or cannot be written
   * @throws TemplateException saying what is wrong with the template
   */
  void generate(NetworkTemplate template, PodRanges ranges) {
    Path own = folder.resolve(GENERATED);
    Loaded now = look();
    if (now.config() != null && !own.equals(now.file())) {
      log.info("the network of {} stays: none is made of a template", now.file());
      return;
    }
    String text = template.render(ranges);
    NetworkConfig config = NetworkConfig.parse(text);
    if (!wanted.isEmpty() && !config.name().equals(wanted)) {
      throw new CniException(
          "the template is of the network " + config.name() + ", and " + wanted + " is wanted");
    }
    if (config.equals(now.config())) {
      return;
    }
    try {
      AtomicFile.write(own, text.getBytes(StandardCharsets.UTF_8), "rw-r--r--", true);
    } catch (UncheckedIOException e) {
      throw new CniException("write " + own + ": " + e.getMessage(), e);
    }
    log.info("network {} of {} for pods of {}", config.name(), own, ranges.cidrs());
  }

  private List<Version> files() {
    List<Version> files = new ArrayList<>();
    try (DirectoryStream<Path> found = Files.newDirectoryStream(folder, GLOB)) {
      for (Path file : found) {
        if (files.size() == MAX_FILES) {
          throw new CniException("more than " + MAX_FILES + " files in " + folder);
        }
        version(file, files);
      }
    } catch (NoSuchFileException _) {
      return List.of();
    } catch (IOException e) {
      throw new CniException("list " + folder + ": " + e.getMessage(), e);
    }
    files.sort(Comparator.comparing(Version::file));
    return files;
  }

  private static void version(Path file, List<Version> files) throws IOException {
    try {
      BasicFileAttributes is = Files.readAttributes(file, BasicFileAttributes.class);
      files.add(new Version(file, is.lastModifiedTime(), is.size(), is.fileKey()));
    } catch (NoSuchFileException _) {
      // It was removed meanwhile, or is a link to nothing.
    }
  }

  private Loaded load(List<Version> files) {
    StringBuilder reasons = new StringBuilder();
    for (Version version : files) {
      try {
        NetworkConfig config = NetworkConfig.parse(read(version.file()));
        if (!wanted.isEmpty() && !config.name().equals(wanted)) {
          continue;
        }
        log.info("network {} of {}", config.name(), version.file());
        return new Loaded(files, version.file(), config, "");
      } catch (CniException | IOException e) {
        log.warn("network configuration {}: {}", version.file(), e.getMessage());
        reasons.append(reasons.isEmpty() ? ": " : "; ");
        reasons.append(version.file().getFileName()).append(": ").append(e.getMessage());
      }
    }
    return new Loaded(files, null, null, reasons.toString());
  }

  private static String read(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      byte[] bytes = in.readNBytes(MAX_BYTES + 1);
      if (bytes.length > MAX_BYTES) {
        throw new CniException("more than " + MAX_BYTES + " bytes");
      }
      return new String(bytes, StandardCharsets.UTF_8);
    }
  }
}
