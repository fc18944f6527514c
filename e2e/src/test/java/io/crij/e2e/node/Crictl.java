package io.crij.e2e.node;

import io.crij.e2e.program.Command;
import io.crij.e2e.program.Setup;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The real crictl, with a configuration file of its own, as an administrator uses it. */
public final class Crictl {
  private static final JsonMapper JSON = new JsonMapper();

  private final Path program;
  private final Path config;

  private Crictl(Path program, Path config) {
    this.program = program;
    this.config = config;
  }

  static Crictl at(Path socket, Path folder) throws IOException {
    Path config =
        Files.writeString(
            folder.resolve("crictl.yaml"),
            """
            runtime-endpoint: unix://%1$s
            image-endpoint: unix://%1$s
            timeout: 60
            """
                .formatted(socket));
    return new Crictl(Setup.read().goTools().resolve("crictl"), config);
  }

  /** Runs it and gives its output without the last line's end. */
  public String run(String... arguments) {
    return command(arguments).run().output().stripTrailing();
  }

  public Command.Outcome attempt(String... arguments) {
    return command(arguments).attempt();
  }

  /** What a shell runs it by; the words need no quotes. */
  public String line(String... arguments) {
    return program + " --config " + config + " " + String.join(" ", arguments);
  }

  /** Runs it and reads its output as JSON. */
  public JsonNode json(String... arguments) {
    return JSON.readTree(run(arguments));
  }

  private Command command(String... arguments) {
    List<String> words =
        new ArrayList<>(List.of(program.toString(), "--config", config.toString()));
    words.addAll(List.of(arguments));
    return Command.of(words.toArray(String[]::new));
  }
}
