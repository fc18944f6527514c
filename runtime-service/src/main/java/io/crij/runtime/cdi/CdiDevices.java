package io.crij.runtime.cdi;

import io.crij.cri.v1.CDIDevice;
import io.crij.cri.v1.ContainerConfig;
import io.crij.runtime.ServiceException;
import io.crij.runtime.json.BadFileException;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** The devices that a container asks for, by what the node's files say of them now. */
public final class CdiDevices {
  /** SPEC.md, "Injecting CDI devices by annotations". */
  private static final String ANNOTATIONS = "cdi.k8s.io/";

  private static final int COUNT_LIMIT = 512;

  private final List<SpecFile> files = new ArrayList<>();
  private final List<String> failures = new ArrayList<>();

  private CdiDevices() {}

  /**
   * What the container gets.
   *
   * @param folders a later one wins over an earlier one
   * @throws ServiceException.InvalidArgument when a name is none
   * @throws ServiceException.FailedPrecondition when no file describes the device, or two of one
   *     folder do
   */
  public static Edits of(ContainerConfig config, List<Path> folders) {
    List<DeviceName> names = names(config);
    if (names.isEmpty()) {
      return Edits.NONE;
    }
    CdiDevices devices = new CdiDevices();
    for (int i = 0; i < folders.size(); i++) {
      devices.read(folders.get(i), i);
    }
    return devices.edits(names);
  }

  /** Of the field and of annotations, each once. */
  private static List<DeviceName> names(ContainerConfig config) {
    Set<DeviceName> names = new LinkedHashSet<>();
    for (CDIDevice device : config.getCDIDevicesList()) {
      names.add(DeviceName.parse(device.getName()));
    }
    for (Map.Entry<String, String> entry : new TreeMap<>(config.getAnnotationsMap()).entrySet()) {
      if (entry.getKey().startsWith(ANNOTATIONS)) {
        for (String name : entry.getValue().split(",", -1)) {
          names.add(DeviceName.parse(name));
        }
      }
    }
    if (names.size() > COUNT_LIMIT) {
      throw new ServiceException.InvalidArgument("CDI_devices: more than " + COUNT_LIMIT);
    }
    return new ArrayList<>(names);
  }

  /** A file that is wrong does not keep devices of others from being used. */
  private void read(Path folder, int place) {
    List<Path> found = new ArrayList<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder, "*.{json,yaml}")) {
      entries.forEach(found::add);
    } catch (NoSuchFileException | NotDirectoryException _) {
      return;
    } catch (IOException e) {
      failures.add(folder + ": " + e.getMessage());
    }
    found.sort(null);
    for (Path file : found.subList(0, Math.min(found.size(), COUNT_LIMIT))) {
      try {
        files.add(SpecFile.read(file, place));
      } catch (BadFileException e) {
        failures.add(String.valueOf(e.getMessage()));
      }
    }
  }

  private Edits edits(List<DeviceName> names) {
    Edits edits = Edits.NONE;
    Set<Path> used = new LinkedHashSet<>();
    for (DeviceName name : names) {
      SpecFile file = find(name);
      if (used.add(file.file())) {
        edits = edits.and(file.edits());
      }
      edits = edits.and(file.devices().getOrDefault(name.name(), Edits.NONE));
    }
    return edits;
  }

  private SpecFile find(DeviceName name) {
    List<SpecFile> found = new ArrayList<>();
    for (SpecFile file : files) {
      if (file.kind().equals(name.kind()) && file.devices().containsKey(name.name())) {
        found.removeIf(earlier -> earlier.folder() < file.folder());
        found.add(file);
      }
    }
    if (found.size() == 1) {
      return found.getFirst();
    }
    String reason =
        found.isEmpty()
            ? "no file describes it"
            : found.getFirst().file() + " and " + found.get(1).file() + " both describe it";
    String wrong = failures.isEmpty() ? "" : "; not read: " + String.join("; ", failures);
    throw new ServiceException.FailedPrecondition("CDI device " + name + ": " + reason + wrong);
  }
}
