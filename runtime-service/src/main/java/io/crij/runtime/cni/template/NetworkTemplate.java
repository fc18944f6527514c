package io.crij.runtime.cni.template;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** The file of which a network configuration is made. */
public final class NetworkTemplate {
  private static final int MAX_BYTES = 1 << 20;

  private final Path file;

  public NetworkTemplate(Path file) {
    this.file = file;
  }

  /**
   * The configuration for these ranges.
   *
   * @param ranges at least one
   * @throws TemplateException naming the file and what is wrong with it
   */
  public String render(PodRanges ranges) {
    try {
      return Rendering.of(TemplateParser.parse(read()), ranges.values());
    } catch (TemplateException e) {
      throw new TemplateException(file + ": " + e.getMessage());
    }
  }

  private String read() {
    try (InputStream in = Files.newInputStream(file)) {
      byte[] bytes = in.readNBytes(MAX_BYTES + 1);
      if (bytes.length > MAX_BYTES) {
        throw new TemplateException("more than " + MAX_BYTES + " bytes");
      }
      return new String(bytes, StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new TemplateException("cannot be read: " + e.getMessage());
    }
  }
}
