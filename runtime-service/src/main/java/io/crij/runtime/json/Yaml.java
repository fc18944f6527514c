package io.crij.runtime.json;

import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Files of YAML 1.2 with one document, without tags of their own. */
final class Yaml {
  private static final JsonMapper MAPPER = JsonMapper.shared();

  /** Without aliases of mappings and sequences, by which a small file can become a large tree. */
  private static final LoadSettings SETTINGS =
      LoadSettings.builder().setAllowDuplicateKeys(false).setMaxAliasesForCollections(0).build();

  private Yaml() {}

  /**
   * What a file says.
   *
   * @param where the text is from, for errors
   */
  static JsonNode parse(String where, String text) throws BadFileException {
    @Nullable Object document;
    try {
      document = new Load(SETTINGS).loadFromString(text);
    } catch (MarkedYamlEngineException e) {
      Optional<Mark> mark = e.getProblemMark();
      String line = mark.isPresent() ? ":" + (mark.get().getLine() + 1) : "";
      throw new BadFileException(where + line + ": not YAML: " + e.getProblem(), e);
    } catch (YamlEngineException e) {
      throw new BadFileException(where + ": not YAML: " + e.getMessage(), e);
    }
    return MAPPER.valueToTree(document);
  }
}
