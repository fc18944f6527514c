package io.crij.runtime.oci;

import io.crij.linux.mount.MountEntry;
import io.crij.linux.mount.MountTable;
import io.crij.linux.mount.Mounts;
import io.crij.runtime.RuntimeServiceConfig.Handler;
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

  private final String name;
  private final Path program;
  private final Path state;
  private final List<String> arguments;
  private final List<String> createArguments;

  /**
   * @param name by which {@link RuntimeHandlers#runtime} finds it
   * @param state where the runtime keeps its own records of containers, {@code --root}
   */
  OciRuntime(String name, Handler handler, Path state) {
    this.name = name;
    this.program = handler.runtimePath();
    this.state = state;
    this.arguments = handler.arguments();
    this.createArguments = handler.createArguments();
  }

  /** For the records of its containers: later on they need the same. */
  public String name() {
    return name;
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
    List<String> all = global();
    if (PodCgroups.isOfSystemd(cgroup)) {
      all.add("--systemd-cgroup");
    }
    return all;
  }

  /** What stands after {@code create}. */
  public List<String> createArguments() {
    return createArguments;
  }

  private List<String> global() {
    List<String> all = new ArrayList<>(List.of("--root", state.toString()));
    all.addAll(arguments);
    return all;
  }

  /**
   * Starts the process of a created container.
   *
   * @throws StartFailure with the runtime's own message
   */
  public void start(String id) throws StartFailure {
    CommandLine.Result result = run("start", id);
    if (!result.succeeded()) {
      throw new StartFailure(RuntimeMessage.of(result));
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
      throw new UpdateFailure(RuntimeMessage.of(result));
    }
  }

  /** Removes a container, killing what lives of it; not known is success. */
  public void delete(String id) {
    CommandLine.Result result = run("delete", "--force", id);
    if (!result.succeeded() && isKnown(id)) {
      throw new ServiceException.Internal(
          program.getFileName() + " delete " + id + ": " + RuntimeMessage.of(result));
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
    List<String> verb = new ArrayList<>(List.of("run", "--bundle", bundle.toString()));
    verb.addAll(createArguments);
    verb.add(id);
    return CommandLine.run(command(argumentsToCreate(cgroup), verb), timeout);
  }

  /** What it says of its version; empty when it does not say it. */
  String version() {
    CommandLine.Result result = run("--version");
    return result.succeeded() ? result.output() : "";
  }

  /**
   * What the runtime says it can do (runtime-spec, features.md); of those that cannot say it, what
   * is known of their version.
   *
   * @param version what it says of its version
   */
  HandlerFeatures features(String version) {
    CommandLine.Result result = run("features");
    if (!result.succeeded()) {
      return KnownFeatures.of(version);
    }
    try {
      JsonNode features = MAPPER.readTree(result.output());
      JsonNode linux = features.path("linux");
      return new HandlerFeatures(
          has(features.path("mountOptions"), "rro"),
          has(linux.path("namespaces"), "user")
              && linux.at("/mountExtensions/idmap/enabled").asBoolean(false));
    } catch (JacksonException _) {
      // Not the document of the specification.
      return KnownFeatures.of(version);
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
    return CommandLine.run(command(global(), List.of(arguments)), TIMEOUT);
  }

  private List<String> command(List<String> global, List<String> verb) {
    List<String> command = new ArrayList<>();
    command.add(program.toString());
    command.addAll(global);
    command.addAll(verb);
    return command;
  }

  /** Unmounts what it keeps among its records, as runsc does a network namespace. */
  void end() {
    for (MountEntry entry : MountTable.read().entries()) {
      if (entry.mountPoint().startsWith(state + "/")) {
        Mounts.detach(Path.of(entry.mountPoint()));
      }
    }
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
