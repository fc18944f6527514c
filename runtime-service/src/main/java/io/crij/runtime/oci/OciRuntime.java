package io.crij.runtime.oci;

import io.crij.runtime.ServiceException;
import io.crij.runtime.cgroup.PodCgroups;
import io.crij.runtime.program.CommandLine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The command line of an OCI runtime (runtime-spec, runtime.md, "Operations"). {@code create} and
 * {@code exec} are not here: the monitor calls them, to be the parent of what they start.
 */
public final class OciRuntime {
  private static final Duration TIMEOUT = Duration.ofSeconds(60);
  private static final JsonMapper MAPPER = new JsonMapper();

  private final Path program;
  private final Path state;

  /**
   * @param state where the runtime keeps its own records of containers, {@code --root}
   */
  OciRuntime(Path program, Path state) {
    this.program = program;
    this.state = state;
  }

  public Path program() {
    return program;
  }

  /**
   * What stands before {@code create}. Later on the runtime knows itself who has made the cgroup,
   * which another setting does not change.
   *
   * @param cgroup of the container
   */
  public List<String> argumentsToCreate(String cgroup) {
    return PodCgroups.isOfSystemd(cgroup)
        ? List.of("--root", state.toString(), "--systemd-cgroup")
        : List.of("--root", state.toString());
  }

  /**
   * Starts the process of a created container.
   *
   * @throws StartFailure with the runtime's own message
   */
  public void start(String id) throws StartFailure {
    CommandLine.Result result = run("start", id);
    if (!result.succeeded()) {
      throw new StartFailure(RuntimeMessage.of(result.output()));
    }
  }

  /**
   * Whether the container's own program runs: it was created and started, and has not ended. False
   * also when the runtime cannot say.
   */
  public boolean isRunning(String id) {
    CommandLine.Result result = run("state", id);
    if (!result.succeeded()) {
      return false;
    }
    try {
      return MAPPER.readTree(result.output()).path("status").asString("").equals("running");
    } catch (JacksonException _) {
      return false;
    }
  }

  /**
   * Changes the settings of a container's cgroup.
   *
   * @param resources a file of {@code linux.resources} (runtime-spec, config-linux.md)
   * @throws UpdateFailure with the runtime's own message
   */
  public void update(String id, Path resources) throws UpdateFailure {
    CommandLine.Result result = run("update", "--resources", resources.toString(), id);
    if (!result.succeeded()) {
      throw new UpdateFailure(RuntimeMessage.of(result.output()));
    }
  }

  /** Removes a container, killing what lives of it; not known is success. */
  public void delete(String id) {
    CommandLine.Result result = run("delete", "--force", id);
    if (!result.succeeded() && isKnown(id)) {
      throw new ServiceException.Internal(
          program.getFileName() + " delete " + id + ": " + RuntimeMessage.of(result.output()));
    }
  }

  /** Whether the runtime has a record of the container. */
  public boolean isKnown(String id) {
    return Files.exists(record(id));
  }

  /** The folder of the runtime's own record of a container. */
  public Path record(String id) {
    return state.resolve(id);
  }

  /**
   * Creates, starts, awaits and removes a container; its output is the result's.
   *
   * @param cgroup of the container, as its specification says
   */
  CommandLine.Result runToEnd(String id, Path bundle, String cgroup, Duration timeout) {
    return CommandLine.run(
        command(argumentsToCreate(cgroup), "run", "--bundle", bundle.toString(), id), timeout);
  }

  /** What it says of its version; empty when it does not say it. */
  String version() {
    CommandLine.Result result = run("--version");
    return result.succeeded() ? result.output() : "";
  }

  /** What the runtime says it can do (runtime-spec, features.md); not all can say. */
  HandlerFeatures features() {
    CommandLine.Result result = run("features");
    if (!result.succeeded()) {
      return HandlerFeatures.NONE;
    }
    try {
      JsonNode features = MAPPER.readTree(result.output());
      JsonNode linux = features.path("linux");
      return new HandlerFeatures(
          has(features.path("mountOptions"), "rro"),
          has(linux.path("namespaces"), "user")
              && linux.at("/mountExtensions/idmap/enabled").asBoolean(false));
    } catch (JacksonException _) {
      // Not the document of the specification: nothing is known.
      return HandlerFeatures.NONE;
    }
  }

  private static boolean has(JsonNode list, String wanted) {
    for (JsonNode entry : list) {
      if (entry.asString("").equals(wanted)) {
        return true;
      }
    }
    return false;
  }

  private CommandLine.Result run(String... arguments) {
    return CommandLine.run(command(List.of("--root", state.toString()), arguments), TIMEOUT);
  }

  private List<String> command(List<String> global, String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(program.toString());
    command.addAll(global);
    command.addAll(List.of(arguments));
    return command;
  }

  /** Makes the folder for the runtime's records. */
  void prepare() {
    try {
      Files.createDirectories(
          state,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    } catch (IOException e) {
      throw new ServiceException.Internal("make " + state + ": " + e.getMessage(), e);
    }
  }

  /** The runtime could not change a container's resources. */
  public static final class UpdateFailure extends Exception {
    private static final long serialVersionUID = 1;

    UpdateFailure(String message) {
      super(message);
    }
  }

  /** The runtime could not start the container's process. */
  public static final class StartFailure extends Exception {
    private static final long serialVersionUID = 1;

    StartFailure(String message) {
      super(message);
    }
  }
}
