package io.crij.linux.tree;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crij.linux.Errno;
import io.crij.linux.Fd;
import io.crij.linux.LinuxException;
import io.crij.linux.mount.Mounts;
import io.crij.linux.testing.LeavesNoTrace;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@Tag("root")
@ExtendWith(LeavesNoTrace.class)
final class TreeKernelTest {
  private static final Name FILE = Name.of("file");

  private final Path folder;
  private final Path path;
  private final Tree tree;

  TreeKernelTest(@TempDir Path folder) throws IOException {
    this.folder = folder;
    this.path = Files.createDirectory(folder.resolve("root"));
    this.tree = Tree.open(path);
  }

  @BeforeEach
  void canary() throws IOException {
    Files.createDirectory(folder.resolve("outside"));
  }

  @AfterEach
  void close() {
    tree.close();
  }

  @Test
  void linksEndAtTheRoot() throws IOException {
    Files.createDirectories(path.resolve("tmp"));
    Files.createSymbolicLink(path.resolve("absolute"), Path.of("/tmp"));
    Files.createSymbolicLink(path.resolve("up"), Path.of("../../../../../tmp"));
    for (String name : List.of("absolute", "up", "tmp/../absolute")) {
      try (Directory directory = tree.directory(BytePath.of(name))) {
        directory.createFile(Name.of(name.replace('/', '-'))).close();
      }
    }
    assertThat(path.resolve("tmp"))
        .isDirectoryContaining("glob:**/absolute")
        .isDirectoryContaining("glob:**/up");
  }

  @Test
  void magicLinksAreRefused() throws IOException {
    Files.createDirectory(path.resolve("proc"));
    Mounts.bind(Path.of("/proc"), path.resolve("proc"), false);
    try {
      assertThatThrownBy(() -> tree.directory(BytePath.of("proc/self/root")).close())
          .isInstanceOfSatisfying(
              LinuxException.class, e -> assertThat(e.errno()).isEqualTo(Errno.ELOOP));
    } finally {
      Mounts.detach(path.resolve("proc"));
    }
  }

  @Test
  void missingFoldersAreMadeWhereALinkPoints() throws IOException {
    Files.createSymbolicLink(path.resolve("dangling"), Path.of("/made/here"));
    List<String> made = new ArrayList<>();
    tree.makeDirectories(BytePath.of("dangling/sub/deep"), p -> made.add(p.toString())).close();
    assertThat(made)
        .as("their own places")
        .containsExactly("/made", "/made/here", "/made/here/sub", "/made/here/sub/deep");
    assertThat(path.resolve("made/here/sub/deep")).isDirectory();
  }

  @Test
  void aLoopOfDanglingLinksEnds() throws IOException {
    Files.createSymbolicLink(path.resolve("a"), Path.of("b/x"));
    Files.createSymbolicLink(path.resolve("b"), Path.of("a/x"));
    assertThatThrownBy(() -> tree.makeDirectories(BytePath.of("a"), _ -> {}).close())
        .isInstanceOf(LinuxException.class);
  }

  @Test
  void makesEveryKindOfFileWithItsAttributes() {
    Directory root = tree.root();
    Attributes attributes = new Attributes(04751, 12345, -3, new FileTime(-5, 123_456_789));
    try (Fd file = root.createFile(FILE)) {
      Directory.setOwnerAndMode(file, attributes);
      Directory.setModified(file, attributes.modified());
    }
    root.createNode(Name.of("fifo"), FileType.FIFO, 0, 0);
    root.createNode(Name.of("device"), FileType.BLOCK_DEVICE, 0xabc, 0xfedcb);
    root.createSymlink(Name.of("link"), new byte[] {'/', (byte) 0xff});
    root.createDirectory(Name.of("folder"));
    root.createLink(Name.of("hard"), root, FILE);
    for (String name : List.of("fifo", "device", "link", "folder")) {
      root.setOwnerAndMode(Name.of(name), attributes);
      root.setModified(Name.of(name), attributes.modified());
    }
    assertThat(stat("file").type()).isEqualTo(FileType.REGULAR);
    assertThat(stat("hard").inode()).isEqualTo(stat("file").inode());
    assertThat(stat("fifo").type()).isEqualTo(FileType.FIFO);
    assertThat(stat("device").major()).isEqualTo(0xabc);
    assertThat(stat("device").minor()).isEqualTo(0xfedcb);
    assertThat(root.readLink(Name.of("link"))).isEqualTo(new byte[] {'/', (byte) 0xff});
    for (String name : List.of("file", "fifo", "device", "folder")) {
      assertThat(stat(name).attributes()).as(name).isEqualTo(attributes);
    }
    assertThat(stat("link").attributes().uid()).isEqualTo(12345);
    assertThat(stat("link").attributes().modified()).isEqualTo(attributes.modified());
  }

  @Test
  void nothingIsFollowedOrReplaced() throws IOException {
    Path canary = Files.writeString(folder.resolve("outside/canary"), "unchanged");
    Files.setAttribute(canary, "unix:mode", 0600);
    Files.createSymbolicLink(path.resolve("file"), canary);
    Directory root = tree.root();
    assertThatThrownBy(() -> root.createFile(FILE).close()).isInstanceOf(LinuxException.class);
    assertThatThrownBy(() -> root.open(FILE).close()).isInstanceOf(LinuxException.class);
    assertThatThrownBy(() -> root.openFile(FILE).close()).isInstanceOf(LinuxException.class);
    root.setOwnerAndMode(FILE, new Attributes(0777, 1, 1, FileTime.EPOCH));
    root.setModified(FILE, FileTime.EPOCH);
    root.xattrs(FILE).set("trusted.test", new byte[] {1});
    root.createLink(Name.of("hard"), root, FILE);
    assertThat(stat("hard").type()).isEqualTo(FileType.SYMLINK);
    assertThat(Files.getAttribute(canary, "unix:mode")).isEqualTo(0100600);
    assertThat(Files.getAttribute(canary, "unix:uid")).isEqualTo(0);
    assertThat(Files.getLastModifiedTime(canary).toMillis()).isPositive();
    try (Tree outside = Tree.open(folder.resolve("outside"))) {
      assertThat(outside.root().xattrs(Name.of("canary")).keys()).isEmpty();
    }
    root.remove(FILE);
    assertThat(canary).hasContent("unchanged");
  }

  @Test
  void xattrsAreReadBack() {
    Directory root = tree.root();
    root.createFile(FILE).close();
    byte[] value = "all of it".getBytes(StandardCharsets.UTF_8);
    root.xattrs(FILE).set("user.key", value);
    assertThat(root.xattrs(FILE).get("user.key")).isEqualTo(value);
    assertThat(root.xattrs(FILE).get("user.other")).isNull();
    assertThat(root.xattrs(FILE).keys()).containsExactly("user.key");
  }

  @Test
  void removesTreesDeeperThanAnyPathAndLeavesWhatLinksLeadTo() throws IOException {
    Path canary = Files.writeString(folder.resolve("outside/canary"), "unchanged");
    Directory root = tree.root();
    root.createDirectory(Name.of("top"));
    Directory at = root.open(Name.of("top"));
    Name child = Name.of("d".repeat(100));
    for (int i = 0; i < 500; i++) {
      at.createDirectory(child);
      at.createSymlink(Name.of("out"), canary.toString().getBytes(StandardCharsets.UTF_8));
      at.createFile(FILE).close();
      Directory next = at.open(child);
      at.close();
      at = next;
    }
    at.close();
    root.remove(Name.of("top"));
    root.remove(Name.of("top"));
    assertThat(root.list()).isEmpty();
    assertThat(canary).hasContent("unchanged");
  }

  @Test
  void listsFoldersLargerThanOneBuffer() {
    List<Name> names = new ArrayList<>();
    for (int i = 0; i < 3000; i++) {
      Name name = Name.of("entry-" + i);
      tree.root().createFile(name).close();
      names.add(name);
    }
    assertThat(tree.root().list()).containsExactlyInAnyOrderElementsOf(names);
    assertThat(tree.root().list()).hasSize(names.size());
  }

  @Test
  void aRestrictedThreadWritesBelowItsFolderOnly() throws InterruptedException {
    AtomicReference<Throwable> failure = new AtomicReference<>();
    Path outside = folder.resolve("outside");
    Thread thread =
        new Thread(() -> {
          try (Tree elsewhere = Tree.open(outside)) {
            assertThat(Landlock.restrictWritesTo(tree.root().fd())).isTrue();
            tree.root().createFile(FILE).close();
            tree.root().createDirectory(Name.of("folder"));
            tree.root().createLink(Name.of("folder-link"), tree.root(), FILE);
            assertThatThrownBy(() -> elsewhere.root().createFile(FILE).close())
                .isInstanceOfSatisfying(
                    LinuxException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EACCES));
            assertThatThrownBy(() -> elsewhere.root().createLink(FILE, tree.root(), FILE))
                .isInstanceOf(LinuxException.class);
          } catch (Throwable e) {
            failure.set(e);
          }
        });
    thread.start();
    thread.join();
    assertThat(failure.get()).isNull();
    assertThat(outside).isEmptyDirectory();
  }

  private Stat stat(String name) {
    Stat stat = tree.root().stat(Name.of(name));
    if (stat == null) {
      throw new AssertionError("no " + name);
    }
    return stat;
  }
}
