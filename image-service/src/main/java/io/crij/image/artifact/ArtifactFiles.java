package io.crij.image.artifact;

import io.crij.image.ImageException;
import io.crij.image.manifest.Descriptor;
import io.crij.image.manifest.Manifest;
import io.crij.image.name.Digest;
import io.crij.image.name.Quoted;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Which files an artifact has, by what its manifest says of its layers. */
public final class ArtifactFiles {
  private static final String TITLE = "org.opencontainers.image.title";

  /** Of the model specification (ModelPack). */
  private static final String FILE_PATH = "org.cncf.model.filepath";

  private static final int LONGEST_PATH = 1024;
  private static final int LONGEST_NAME = 255;

  private ArtifactFiles() {}

  /**
   * The blobs of an artifact by the paths of their files. A layer without a name has no file.
   *
   * @throws ImageException.FailedPrecondition when a name leads out of the artifact or is no path,
   *     or two files are in each other's way
   */
  public static Map<String, Digest> of(Manifest manifest) {
    Map<String, Digest> files = new TreeMap<>();
    for (Descriptor layer : manifest.layers()) {
      String name = name(layer.annotations());
      if (name != null) {
        String path = path(name);
        Digest other = files.put(path, layer.digest());
        if (other != null && !other.equals(layer.digest())) {
          throw refused("two files are named", path);
        }
      }
    }
    for (String path : files.keySet()) {
      for (int slash = path.indexOf('/'); slash >= 0; slash = path.indexOf('/', slash + 1)) {
        if (files.containsKey(path.substring(0, slash))) {
          throw refused("a file lies below another:", path);
        }
      }
    }
    return files;
  }

  private static @Nullable String name(Map<String, String> annotations) {
    String title = annotations.get(TITLE);
    return title != null ? title : annotations.get(FILE_PATH);
  }

  /** Without what changes nothing; what would lead elsewhere is refused. */
  private static String path(String name) {
    List<String> parts = new ArrayList<>();
    for (String part : name.split("/", -1)) {
      if (part.isEmpty() || part.equals(".")) {
        continue;
      }
      boolean isName =
          !part.equals("..")
              && part.chars().noneMatch(c -> c < ' ' || c == 0x7f)
              && part.getBytes(StandardCharsets.UTF_8).length <= LONGEST_NAME;
      if (!isName) {
        throw refused("no path of a file:", name);
      }
      parts.add(part);
    }
    String path = String.join("/", parts);
    if (parts.isEmpty()
        || name.startsWith("/")
        || path.getBytes(StandardCharsets.UTF_8).length > LONGEST_PATH) {
      throw refused("no path of a file:", name);
    }
    return path;
  }

  private static ImageException refused(String complaint, String name) {
    return new ImageException.FailedPrecondition(
        "artifact refused: " + complaint + " " + Quoted.of(name));
  }
}
