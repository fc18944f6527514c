package io.crij.runtime.json;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The fields of an object in a file: each is taken by its name and kind, others are refused. */
public final class Fields {
  private final String where;
  private final ObjectNode fields;
  private final TreeSet<String> left;

  private Fields(String where, ObjectNode fields) {
    this.where = where;
    this.fields = fields;
    this.left = new TreeSet<>(fields.propertyNames());
  }

  /**
   * Reads a file of JSON, or of YAML when its name ends so.
   *
   * @throws BadFileException when it is larger than {@code maxBytes}, or not an object
   */
  public static Fields read(Path file, int maxBytes) throws BadFileException {
    String text = JsonFile.text(file, maxBytes);
    return file.toString().endsWith(".yaml")
        ? of(file.toString(), Yaml.parse(file.toString(), text))
        : parse(file.toString(), text);
  }

  /**
   * Reads a text.
   *
   * @param where it is from, for errors
   * @throws BadFileException when it is not an object
   */
  public static Fields parse(String where, String text) throws BadFileException {
    return of(where, JsonFile.json(where, text));
  }

  private static Fields of(String where, JsonNode node) throws BadFileException {
    return new Fields(where + ": ", JsonFile.object(where, node));
  }

  /** What is wrong with a field. */
  public BadFileException wrong(String name, String reason) {
    return new BadFileException(where + name + ": " + reason);
  }

  /** Refuses the fields that nobody took. */
  public void end() throws BadFileException {
    if (!left.isEmpty()) {
      throw wrong(left.first(), "unknown field");
    }
  }

  public boolean has(String name) {
    return fields.has(name) && !fields.path(name).isNull();
  }

  private JsonNode take(String name) {
    left.remove(name);
    return fields.path(name);
  }

  /** A string that must be there. */
  public String string(String name) throws BadFileException {
    JsonNode value = take(name);
    if (!value.isString()) {
      throw wrong(name, value.isMissingNode() ? "missing" : "not a string");
    }
    return checked(name, value.asString());
  }

  /** A string, or {@code fallback}. */
  public String string(String name, String fallback) throws BadFileException {
    left.remove(name);
    return has(name) ? string(name) : fallback;
  }

  /** A whole number of at least {@code least}; null: not there. */
  public @Nullable Long number(String name, long least) throws BadFileException {
    JsonNode value = take(name);
    if (!has(name)) {
      return null;
    }
    if (!value.isIntegralNumber() || !value.canConvertToLong() || value.asLong() < least) {
      throw wrong(name, "not a number of at least " + least);
    }
    return value.asLong();
  }

  /** Null: not there. */
  public @Nullable Boolean choice(String name) throws BadFileException {
    JsonNode value = take(name);
    if (!has(name)) {
      return null;
    }
    if (!value.isBoolean()) {
      throw wrong(name, "neither true nor false");
    }
    return value.asBoolean();
  }

  /** None where it is not there. */
  public List<String> strings(String name) throws BadFileException {
    List<String> strings = new ArrayList<>();
    for (JsonNode value : array(name)) {
      if (!value.isString()) {
        throw wrong(name, "not an array of strings");
      }
      strings.add(checked(name, value.asString()));
    }
    return strings;
  }

  /** Whole numbers of at least 0; none where it is not there. */
  public List<Long> numbers(String name) throws BadFileException {
    List<Long> numbers = new ArrayList<>();
    for (JsonNode value : array(name)) {
      if (!value.isIntegralNumber() || !value.canConvertToLong() || value.asLong() < 0) {
        throw wrong(name, "not an array of numbers");
      }
      numbers.add(value.asLong());
    }
    return numbers;
  }

  /** Strings by their names, in the file's order; none where it is not there. */
  public Map<String, String> texts(String name) throws BadFileException {
    Map<String, String> texts = new LinkedHashMap<>();
    Fields object = object(name);
    if (object != null) {
      for (String key : object.fields.propertyNames()) {
        texts.put(key, object.string(key));
      }
    }
    return texts;
  }

  /** Null: not there. */
  public @Nullable Fields object(String name) throws BadFileException {
    JsonNode value = take(name);
    if (!has(name)) {
      return null;
    }
    if (value instanceof ObjectNode object) {
      return new Fields(where + name + ".", object);
    }
    throw wrong(name, "not an object");
  }

  /** None where it is not there. */
  public List<Fields> objects(String name) throws BadFileException {
    List<Fields> objects = new ArrayList<>();
    for (JsonNode value : array(name)) {
      if (!(value instanceof ObjectNode object)) {
        throw wrong(name, "not an array of objects");
      }
      objects.add(new Fields(where + name + "[" + objects.size() + "].", object));
    }
    return objects;
  }

  private Iterable<JsonNode> array(String name) throws BadFileException {
    JsonNode value = take(name);
    if (!has(name)) {
      return List.of();
    }
    if (!value.isArray()) {
      throw wrong(name, "not an array");
    }
    return value;
  }

  private String checked(String name, String text) throws BadFileException {
    if (text.indexOf('\0') >= 0) {
      throw wrong(name, "holds NUL");
    }
    return text;
  }
}
