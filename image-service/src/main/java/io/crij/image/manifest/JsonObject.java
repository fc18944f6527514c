package io.crij.image.manifest;

import io.crij.image.ImageException;
import io.crij.image.name.Digest;
import io.crij.image.name.Quoted;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A JSON object of unknown origin, read field by field. A field that is null counts as absent, as
 * in the Go programs that write most of these documents.
 *
 * <p>Every complaint is a {@link ImageException.FailedPrecondition} that names document and field.
 */
public final class JsonObject {
  /** The longest document that is read, in bytes; registries need not store longer manifests. */
  public static final int LONGEST = 4 << 20;

  private static final int DEEPEST = 64;
  private static final int MOST_TOKENS = 400_000;
  private static final JsonMapper MAPPER =
      JsonMapper.builder(
              JsonFactory.builder()
                  .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                  .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxDocumentLength(LONGEST)
                          .maxNestingDepth(DEEPEST)
                          .maxTokenCount(MOST_TOKENS)
                          .maxStringLength(LONGEST)
                          .maxNameLength(4096)
                          .maxNumberLength(32)
                          .build())
                  .build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private final String document;
  private final String path;
  private final JsonNode node;

  private JsonObject(String document, String path, JsonNode node) {
    this.document = document;
    this.path = path;
    this.node = node;
    if (!node.isObject()) {
      throw malformed("not an object");
    }
  }

  /**
   * Reads a whole document.
   *
   * @param document what it is, for messages: "manifest"
   */
  public static JsonObject parse(byte[] bytes, String document) {
    try {
      return new JsonObject(document, "", MAPPER.readTree(utf8(bytes, document)));
    } catch (JacksonException e) {
      // Jackson's message quotes the document, which may hold secrets: only the position is told.
      TokenStreamLocation place = e.getLocation(); // null where a limit was hit
      throw new ImageException.FailedPrecondition(
          "malformed %s: not acceptable JSON%s"
              .formatted(document, place == null ? "" : " at line " + place.getLineNr()));
    }
  }

  /** Decoded here, because Jackson would also guess UTF-16 and UTF-32, and mend bad UTF-8. */
  private static String utf8(byte[] bytes, String document) {
    if (bytes.length > LONGEST) {
      throw new ImageException.FailedPrecondition(
          "malformed %s: longer than %d bytes".formatted(document, LONGEST));
    }
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw new ImageException.FailedPrecondition("malformed " + document + ": not UTF-8", e);
    }
  }

  /** Whether the field is there and not null. */
  public boolean has(String field) {
    return node.hasNonNull(field);
  }

  /** A string that must be there. */
  public String text(String field) {
    return required(field, optionalText(field));
  }

  /** A string, without NUL characters; null if absent. */
  public @Nullable String optionalText(String field) {
    JsonNode value = value(field);
    return value == null ? null : text(value, field);
  }

  /** A whole number that must be there. */
  public long number(String field) {
    JsonNode value = required(field, value(field));
    if (!value.isIntegralNumber() || !value.canConvertToLong()) {
      throw malformed(field, "not a whole number of 64 bits");
    }
    return value.longValue();
  }

  /** A digest that must be there. */
  public Digest digest(String field) {
    return digest(text(field), field);
  }

  /** A list of digests that must be there. */
  public List<Digest> digests(String field) {
    List<Digest> digests = new ArrayList<>();
    JsonNode list = required(field, array(field));
    for (int i = 0; i < list.size(); i++) {
      String place = field + "[" + i + "]";
      digests.add(digest(text(list.get(i), place), place));
    }
    return List.copyOf(digests);
  }

  /** An object that must be there. */
  public JsonObject object(String field) {
    return required(field, optionalObject(field));
  }

  /** An object; null if absent. */
  public @Nullable JsonObject optionalObject(String field) {
    JsonNode value = value(field);
    return value == null ? null : new JsonObject(document, place(field), value);
  }

  /** A list of objects that must be there. */
  public List<JsonObject> objects(String field) {
    List<JsonObject> objects = new ArrayList<>();
    JsonNode list = required(field, array(field));
    for (int i = 0; i < list.size(); i++) {
      objects.add(new JsonObject(document, place(field + "[" + i + "]"), list.get(i)));
    }
    return List.copyOf(objects);
  }

  /** A list of strings; empty if absent. */
  public List<String> texts(String field) {
    JsonNode list = array(field);
    List<String> texts = new ArrayList<>();
    for (int i = 0; list != null && i < list.size(); i++) {
      texts.add(text(list.get(i), field + "[" + i + "]"));
    }
    return List.copyOf(texts);
  }

  /** An object whose fields are all strings, in its order; empty if absent. */
  public Map<String, String> textMap(String field) {
    JsonObject object = optionalObject(field);
    Map<String, String> map = new LinkedHashMap<>();
    if (object != null) {
      for (String key : object.names()) {
        String value = object.optionalText(key);
        map.put(key, value == null ? "" : value);
      }
    }
    return map;
  }

  /** The names of all fields, in the document's order. */
  public List<String> names() {
    for (String name : node.propertyNames()) {
      text(name, "a field's name");
    }
    return List.copyOf(node.propertyNames());
  }

  /** The complaint that this object is not as it should be. */
  public ImageException malformed(String reason) {
    return new ImageException.FailedPrecondition(
        "malformed " + document + ": " + (path.isEmpty() ? "" : path + ": ") + reason);
  }

  /** The complaint that a field of this object is not as it should be. */
  public ImageException malformed(String field, String reason) {
    return new ImageException.FailedPrecondition(
        "malformed " + document + ": " + place(field) + ": " + reason);
  }

  private @Nullable JsonNode value(String field) {
    JsonNode value = node.get(field);
    return value == null || value.isNull() ? null : value;
  }

  private @Nullable JsonNode array(String field) {
    JsonNode value = value(field);
    if (value != null && !value.isArray()) {
      throw malformed(field, "not a list");
    }
    return value;
  }

  private <T> T required(String field, @Nullable T value) {
    if (value == null) {
      throw malformed(field, "missing");
    }
    return value;
  }

  private String text(JsonNode value, String field) {
    if (!value.isString()) {
      throw malformed(field, "not a string");
    }
    return text(value.stringValue(), field);
  }

  /** These strings become paths, environment and arguments, where NUL would cut them short. */
  private String text(String value, String field) {
    if (value.indexOf('\0') >= 0) {
      throw malformed(field, "contains a NUL character");
    }
    return value;
  }

  private Digest digest(String value, String field) {
    try {
      return Digest.parse(value);
    } catch (ImageException.InvalidArgument e) {
      throw malformed(field, "malformed digest " + Quoted.of(value));
    }
  }

  private String place(String field) {
    String name = field.length() > 64 ? field.substring(0, 64) + "…" : field;
    return path.isEmpty() ? name : path + "." + name;
  }
}
