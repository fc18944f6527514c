package io.crij.image.unpack;

import static org.assertj.core.api.Assertions.assertThat;

import io.crij.image.ImageException;
import io.crij.image.LayerKind;
import io.crij.image.changeset.UnpackLimits;
import io.crij.image.tar.TestTar;
import io.crij.linux.testing.LeavesNoTrace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Whatever an archive holds, both kinds of layers show the same files, or refuse it alike. */
@Tag("root")
@ExtendWith(LeavesNoTrace.class)
final class BothKindsKernelTest {
  private static final int ARCHIVES = 600;
  private static final String[] NAMES = {
    "a", "b", "c", "-", "..", ".wh.a", ".wh.b", ".wh..wh..opq"
  };
  private static final String[] PARTS = {"a", "b", "c", ".."};

  @TempDir private Path folder;

  @Test
  void archivesOfAllKindsOfTricks() throws Exception {
    Random random = new Random(20261122);
    int refused = 0;
    for (int i = 0; i < ARCHIVES; i++) {
      StringBuilder script = new StringBuilder();
      byte[] archive = archive(random, script);
      Path here = Files.createDirectory(folder.resolve("archive-" + i));
      SortedMap<String, String> erofs = unpack(archive, here, LayerKind.EROFS);
      SortedMap<String, String> directory = unpack(archive, here, LayerKind.DIRECTORY);
      assertThat(erofs).as("archive %d:%n%s", i, script).isEqualTo(directory);
      refused += erofs.containsKey("refused") ? 1 : 0;
    }
    assertThat(refused).isBetween(ARCHIVES / 20, ARCHIVES * 19 / 20);
  }

  private static SortedMap<String, String> unpack(byte[] archive, Path parent, LayerKind kind)
      throws IOException {
    Path path = Files.createDirectory(parent.resolve(kind.name()));
    LayerFolder layer = new LayerFolder(path);
    try (TestLayers layers = new TestLayers(kind)) {
      TestLayers.make(TestLayers.source(archive), layer, UnpackLimits.DEFAULT, kind);
      SortedMap<String, String> lines = TreeListing.of(layers.show(layer), _ -> true);
      // Nobody sees a whiteout, and so nobody its time.
      lines.replaceAll((_, line) ->
          line.startsWith("CHARACTER_DEVICE") ? line.replaceAll("FileTime\\[.*?\\]", "") : line);
      lines.put(
          "implied", layer.implied().stream().map(Object::toString).collect(Collectors.joining()));
      return lines;
    } catch (ImageException e) {
      SortedMap<String, String> refused = new TreeMap<>();
      refused.put("refused", e.getClass().getSimpleName());
      return refused;
    }
  }

  private static byte[] archive(Random random, StringBuilder script) {
    TestTar tar = new TestTar();
    for (int entries = 2 + random.nextInt(9); entries > 0; entries--) {
      String name = name(random);
      tar.modified(random.nextInt(1_000_000)).mode(random.nextInt(010000));
      String what = add(tar, random, name);
      script.append(what).append(' ').append(name).append('\n');
    }
    return tar.build();
  }

  private static String add(TestTar tar, Random random, String name) {
    return switch (random.nextInt(8)) {
      case 0, 1 -> {
        tar.directory(name);
        yield "folder";
      }
      case 2, 3 -> {
        String target = target(random);
        tar.symlink(name, target);
        yield "link to " + target;
      }
      case 4 -> {
        String target = name(random);
        tar.link(name, target);
        yield "hard link to " + target;
      }
      case 5 -> {
        tar.pax("SCHILY.xattr.user.k", "v").file(name, "with xattr");
        yield "file with xattr";
      }
      default -> {
        tar.file(name, "content of " + name);
        yield "file";
      }
    };
  }

  private static String name(Random random) {
    StringBuilder name = new StringBuilder(NAMES[random.nextInt(4)]);
    for (int depth = random.nextInt(3); depth > 0; depth--) {
      name.append('/').append(NAMES[random.nextInt(depth == 1 ? NAMES.length : 4)]);
    }
    return name.toString();
  }

  private static String target(Random random) {
    StringBuilder target = new StringBuilder(random.nextInt(3) == 0 ? "/" : "");
    for (int parts = 1 + random.nextInt(3); parts > 0; parts--) {
      target.append(PARTS[random.nextInt(PARTS.length)]).append(parts > 1 ? "/" : "");
    }
    return target.toString();
  }
}
