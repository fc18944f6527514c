package io.crij.image.unpack;

import static org.assertj.core.api.Assertions.assertThat;

import io.crij.image.LayerKind;
import io.crij.linux.testing.LeavesNoTrace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SortedMap;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What we make of an archive is what GNU tar makes of it. */
@Tag("root")
@ParameterizedClass
@EnumSource
@ExtendWith(LeavesNoTrace.class)
final class GnuTarKernelTest {
  private static final String TREE =
      """
      set -e
      mkdir -p a/b/c 'sp ace' setgid "$(printf 'lat\\351n')" "$(printf 'new\\nline')"
      printf hello > a/file; printf x > "$(printf 'lat\\351n/\\377')"
      chmod 4751 a/file; chmod 2775 setgid; chmod 1777 'sp ace'; chmod 0000 a/b/c
      long=$(printf 'n%.0s' $(seq 120)); mkdir -p $long/$long/$long
      printf deep > $long/$long/$long/file; ln -s $long/$long/$long/file toolong
      ln a/file a/hard; ln a/file hard2; ln -s file a/soft; ln -s /absolute/nothing dangling
      ln -P a/soft softhard
      mkfifo fifo; mknod null c 1 3; mknod loop b 7 300
      chown 1000:1001 a/file fifo; chown -h 4000000000:7 a/soft; chown 12:34 setgid; chmod 2775 setgid
      truncate -s 3000000 gaps; for at in 5000 700000 1000448; do
        head -c 20000 /dev/urandom | dd of=gaps bs=1000 oflag=seek_bytes seek=$at conv=notrunc status=none
      done; printf end >> gaps
      truncate -s 5G huge; printf x >> huge
      head -c 300000 /dev/urandom > big; truncate -s 100000 holes; : > empty
      touch -d '1969-12-31 23:00:00.5 UTC' a/file; touch -h -d '2001-02-03 04:05:06.123456789 UTC' a/soft
      touch -d '2040-01-01 00:00:00 UTC' big; touch -d '2012-01-02 03:04:05 UTC' a/b a 'sp ace'
      python3 - <<'P'
      import os
      os.setxattr('big', 'user.key', b'va\\0lue')
      os.setxattr('a', 'user.dir', b'1')
      os.setxattr('empty', 'security.capability', bytes.fromhex('0100000200040000000000000000000000000000'))
      os.setxattr('dangling', 'trusted.link', b'on link', follow_symlinks=False)
      P
      touch -d '2000-01-01 UTC' .
      """;

  private final TestLayers layers;
  private final Path folder;

  GnuTarKernelTest(LayerKind kind, @TempDir Path folder) {
    this.layers = new TestLayers(kind);
    this.folder = folder;
  }

  @AfterEach
  void close() {
    layers.close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--format=posix --sparse --xattrs --xattrs-include=*",
        "--format=gnu --sparse",
        "--format=oldgnu --sparse --hole-detection=raw --exclude=huge",
        "--format=posix --exclude=huge",
        "--format=posix --sparse --sparse-version=0.0",
        "--format=posix --sparse --sparse-version=0.1 --hole-detection=raw --exclude=huge"
      })
  void makesTheSameTree(String options) throws Exception {
    compare(options, ".", _ -> options.contains("--xattrs"));
  }

  @Test
  void makesTheSameTreeOfUstar() throws Exception {
    // The format has no room for some of the names and owners.
    compare("--format=ustar", "setgid fifo null loop big holes empty dangling", _ -> false);
  }

  @Test
  void makesTheSameTreeOfRealFiles() throws Exception {
    Path tar = folder.resolve("real.tar");
    shell("tar --format=posix -cf " + tar + " -C /usr/share zoneinfo");
    assertSame(tar, _ -> false);
  }

  @Test
  void makesTheSameTreeOfAHugeFolder() throws Exception {
    Path tar = folder.resolve("huge.tar");
    Path source = Files.createDirectory(folder.resolve("source"));
    shell(
        "mkdir " + source + "/many; cd " + source + "/many; seq -f file-%g 1 100000 | xargs touch");
    shell("tar --format=posix -cf " + tar + " -C " + source + " many");
    assertSame(tar, _ -> false);
  }

  private void compare(String options, String members, Predicate<String> xattrs) throws Exception {
    Path source = Files.createDirectory(folder.resolve("source"));
    shell("cd " + source + "\n" + TREE);
    Path tar = folder.resolve("layer.tar");
    shell(
        "tar "
            + options.replace("*", "'*'")
            + " --numeric-owner -cf "
            + tar
            + " -C "
            + source
            + " "
            + members);
    assertSame(tar, xattrs);
  }

  private void assertSame(Path tar, Predicate<String> xattrs) throws Exception {
    Path expected = Files.createDirectory(folder.resolve("expected"));
    shell(
        "tar --same-owner --numeric-owner -p --delay-directory-restore --xattrs --xattrs-include='*' -xf "
            + tar
            + " -C "
            + expected);
    Path actual = layers.unpack(Files.readAllBytes(tar), folder.resolve("actual"));
    LayerFolder layer = new LayerFolder(folder.resolve("actual"));
    if (Files.exists(layer.erofs())) {
      shell("$(../build/fsck-erofs.sh) --device=" + layer.tar() + " " + layer.erofs());
    }
    assertThat(withoutRoot(actual, xattrs)).isEqualTo(withoutRoot(expected, xattrs));
  }

  /** Not all archives describe their root. */
  private static SortedMap<String, String> withoutRoot(Path tree, Predicate<String> xattrs)
      throws IOException {
    SortedMap<String, String> lines = TreeListing.of(tree, xattrs);
    lines.remove("");
    return lines;
  }

  private static void shell(String script) throws IOException, InterruptedException {
    Process process = new ProcessBuilder("sh", "-c", script).redirectErrorStream(true).start();
    String output =
        new String(
            process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
  }
}
