package io.crij.runtime.json;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Files of the node that hold JSON: so much is read of them and no more, and no name counts twice.
 */
public final class JsonFile {
  private static final JsonMapper MAPPER =
      JsonMapper.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  private JsonFile() {}

  /**
   * Reads an object.
   *
   * @throws BadFileException when the file cannot be read, is larger than {@code maxBytes}, or is
   *     no object
   */
  public static ObjectNode object(Path file, int maxBytes) throws BadFileException {
    String where = file.toString();
    return object(where, json(where, text(file, maxBytes)));
  }

  /** As {@link #object(Path, int)}, of a file that somebody opened in a way of his own. */
  public static ObjectNode object(Path file, InputStream in, int maxBytes)
      throws BadFileException, IOException {
    String where = file.toString();
    return object(where, json(where, text(where, in, maxBytes)));
  }

  static String text(Path file, int maxBytes) throws BadFileException {
    try (InputStream in = Files.newInputStream(file)) {
      return text(file.toString(), in, maxBytes);
    } catch (IOException e) {
      throw new BadFileException(file + ": " + e.getMessage(), e);
    }
  }

  private static String text(String where, InputStream in, int maxBytes)
      throws BadFileException, IOException {
    byte[] content = in.readNBytes(maxBytes + 1);
    if (content.length > maxBytes) {
      throw new BadFileException(where + ": larger than " + maxBytes + " bytes");
    }
    return new String(content, StandardCharsets.UTF_8);
  }

  static JsonNode json(String where, String text) throws BadFileException {
    try {
      return MAPPER.readTree(text);
    } catch (JacksonException e) {
      throw new BadFileException(where + ": not JSON: " + e.getOriginalMessage(), e);
    }
  }

  static ObjectNode object(String where, JsonNode node) throws BadFileException {
    if (node instanceof ObjectNode object) {
      return object;
    }
    throw new BadFileException(where + ": not an object");
  }
}
