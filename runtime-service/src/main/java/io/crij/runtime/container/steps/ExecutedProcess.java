package io.crij.runtime.container.steps;

import com.google.protobuf.ByteString;
import io.crij.runtime.ServiceException;
import io.crij.runtime.container.records.Container;
import io.crij.runtime.oci.rootfs.ContainerIdentity;
import io.crij.runtime.sandbox.Sandbox;
import io.crij.runtime.settings.ContainerSettings;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** What is executed in a container: its own process, with another command. */
public final class ExecutedProcess {
  private static final JsonMapper MAPPER = new JsonMapper();

  private ExecutedProcess() {}

  /**
   * @throws ServiceException.InvalidArgument when the command cannot be executed by anybody
   */
  public static void requireCommand(List<String> command) {
    if (command.isEmpty()) {
      throw new ServiceException.InvalidArgument("cmd is empty");
    }
    for (String argument : command) {
      if (argument.indexOf('\0') >= 0) {
        throw new ServiceException.InvalidArgument("cmd: an argument holds NUL");
      }
    }
  }

  /**
   * Who its streams belong to on the node: the container's user, who opens them again by {@code
   * /dev/stdout}; null when nobody knows him.
   */
  public static @Nullable ContainerIdentity owner(Container container, Sandbox sandbox) {
    ContainerIdentity user = container.life().user();
    return user == null ? null : ContainerMaking.owner(user, PodSharing.user(sandbox));
  }

  /** The OCI process object, JSON: same user, rights and limits as the container's own. */
  public static ByteString of(
      Container container, ContainerSettings settings, List<String> command, boolean terminal) {
    JsonNode specification;
    try {
      specification = MAPPER.readTree(Files.readAllBytes(container.folder().specification()));
    } catch (IOException | JacksonException e) {
      throw new ServiceException.Internal(
          "read " + container.folder().specification() + ": " + e.getMessage(), e);
    }
    if (!(specification.path("process") instanceof ObjectNode process)) {
      throw new ServiceException.Internal(container.folder().specification() + " has no process");
    }
    process.put("terminal", terminal);
    ArrayNode arguments = process.putArray("args");
    command.forEach(arguments::add);
    String processor =
        settings.handler(container.handler()).execOnFirstCpu()
            ? AssignedProcessors.firstToExecute(container.config())
            : "";
    if (!processor.isEmpty()) {
      process.putObject("execCPUAffinity").put("initial", processor);
    }
    return ByteString.copyFrom(process.toString(), StandardCharsets.UTF_8);
  }
}
