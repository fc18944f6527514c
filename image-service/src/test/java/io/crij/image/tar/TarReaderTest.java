package io.crij.image.tar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crij.image.ImageException;
import io.crij.linux.tree.FileTime;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class TarReaderTest {
  private static final byte[] LARGE_BINARY = {(byte) 0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
  private static final byte[] OVERFLOW = {
    (byte) 0x80, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
  };

  @Test
  void readsEntriesAndTheirContent() throws IOException {
    TarReader reader =
        reader(
            new TestTar()
                .directory("dir/")
                .mode(04755)
                .file("dir/file", "content")
                .symlink("link", "dir/file")
                .build());
    TarEntry directory = next(reader);
    assertThat(directory.type()).isEqualTo(TarType.DIRECTORY);
    TarEntry file = next(reader);
    assertThat(text(file.name())).isEqualTo("dir/file");
    assertThat(file.attributes().mode()).isEqualTo(04755);
    assertThat(file.attributes().modified()).isEqualTo(new FileTime(1_600_000_000, 0));
    byte[] content = new byte[100];
    assertThat(reader.read(content, 0, 4)).isEqualTo(4);
    assertThat(reader.read(content, 4, 96)).isEqualTo(3);
    assertThat(reader.read(content, 7, 93)).isEqualTo(-1);
    assertThat(text(Arrays.copyOf(content, 7))).isEqualTo("content");
    assertThat(text(next(reader).linkName())).isEqualTo("dir/file");
    assertThat(reader.next()).isNull();
  }

  @Test
  void skipsContentThatIsNotRead() throws IOException {
    TarReader reader = reader(new TestTar().file("a", "x".repeat(5000)).file("b", "").build());
    next(reader);
    assertThat(text(next(reader).name())).isEqualTo("b");
  }

  @Test
  void extendedHeadersGoBeforeTheHeader() throws IOException {
    byte[] name = {'n', (byte) 0xe9};
    TarEntry entry =
        next(
            reader(
                new TestTar()
                    .pax("path", name)
                    .pax("linkpath", "l".repeat(300))
                    .pax("uid", "3000000000")
                    .pax("gid", "7")
                    .pax("mtime", "-1.25")
                    .pax("SCHILY.xattr.user.a=b", "v=1")
                    .pax("comment", "")
                    .file("short", "x")
                    .build()));
    assertThat(entry.name()).isEqualTo(name);
    assertThat(entry.linkName()).hasSize(300);
    assertThat(entry.attributes().uid()).isEqualTo((int) 3_000_000_000L);
    assertThat(entry.attributes().gid()).isEqualTo(7);
    assertThat(entry.attributes().modified()).isEqualTo(new FileTime(-2, 750_000_000));
    assertThat(entry.xattrs()).containsOnlyKeys("user.a");
  }

  @Test
  void gnuLongNamesAreRead() throws IOException {
    TarEntry entry =
        next(
            reader(
                new TestTar()
                    .gnuLong('K', "t".repeat(200))
                    .gnuLong('L', "n".repeat(300))
                    .symlink("cut", "cut")
                    .build()));
    assertThat(entry.name()).hasSize(300);
    assertThat(entry.linkName()).hasSize(200);
  }

  @Test
  void anArchiveMayEndWithoutZeros() throws IOException {
    TarReader reader = reader(new TestTar().file("a", "x").unfinished());
    next(reader);
    assertThat(reader.next()).isNull();
  }

  static Stream<Named<byte[]>> refused() {
    TestTar negative = new TestTar().size(LARGE_BINARY).file("a", "x");
    return Stream.of(
        Named.of("nothing", new byte[0]),
        Named.of("half a block", new byte[100]),
        Named.of("text", "<html>".repeat(200).getBytes(StandardCharsets.UTF_8)),
        Named.of("content cut off", Arrays.copyOf(new TestTar().file("a", "xx").build(), 513)),
        Named.of("padding cut off", Arrays.copyOf(new TestTar().file("a", "xx").build(), 600)),
        Named.of("negative size", negative.build()),
        Named.of("size over 63 bits", new TestTar().size(OVERFLOW).file("a", "").build()),
        Named.of(
            "size of junk",
            new TestTar()
                .size("9zzzzzzzzzzz".getBytes(StandardCharsets.US_ASCII))
                .file("a", "")
                .build()),
        Named.of("pax size negative", new TestTar().pax("size", "-1").file("a", "").build()),
        Named.of("pax size of junk", new TestTar().pax("size", "1e9").file("a", "").build()),
        Named.of(
            "owner over 32 bits", new TestTar().pax("uid", "4294967296").file("a", "").build()),
        Named.of("owner -1", new TestTar().pax("uid", "4294967295").file("a", "").build()),
        Named.of(
            "owner negative",
            new TestTar().uid(new byte[] {-1, -1, -1, -1, -1, -1, -1, -1}).file("a", "").build()),
        Named.of(
            "time without bound", new TestTar().pax("mtime", "9".repeat(39)).file("a", "").build()),
        Named.of(
            "time with exponent", new TestTar().pax("mtime", "1e999999999").file("a", "").build()),
        Named.of("zero in name", new TestTar().pax("path", "a\0b").file("a", "").build()),
        Named.of("zero in link", new TestTar().pax("linkpath", "a\0b").symlink("a", "").build()),
        Named.of(
            "name too long", new TestTar().pax("path", "n".repeat(5000)).file("a", "").build()),
        Named.of(
            "unknown type", new TestTar().entry('Z', new byte[] {'a'}, "", new byte[0]).build()),
        Named.of(
            "extension of 4 GiB",
            new TestTar()
                .size(TestTar.octal(4L << 30, 12))
                .entry('x', new byte[] {'a'}, "", new byte[0])
                .build()),
        Named.of(
            "long name of 8 GiB",
            new TestTar()
                .size(TestTar.octal((8L << 30) - 1, 12))
                .entry('L', new byte[] {'a'}, "", new byte[0])
                .build()),
        Named.of("record longer than header", paxBytes("99 a=b\n")),
        Named.of("record of length zero", paxBytes("0 a=b\n")),
        Named.of("record without length", paxBytes("a=b\n")),
        Named.of("record whose length overflows", paxBytes("99999999999999999999 a=b\n")),
        Named.of("record without equals", paxBytes("6 abc\n")),
        Named.of("only an extension", Arrays.copyOf(paxBytes("6 a=b\n"), 1024)),
        Named.of("endless extensions", manyExtensions()));
  }

  @ParameterizedTest
  @MethodSource("refused")
  void refuses(byte[] archive) {
    assertThatThrownBy(() -> readAll(archive))
        .isInstanceOf(ImageException.FailedPrecondition.class);
  }

  @Test
  void damageNeverEndsOtherwiseThanByRefusal() throws IOException {
    byte[] good =
        new TestTar()
            .directory("d")
            .pax("path", "d/long")
            .pax("SCHILY.xattr.user.x", "y")
            .file("d/f", "content")
            .link("d/h", "d/f")
            .gnuLong('L', "n".repeat(120))
            .file("n", "more")
            .build();
    Random random = new Random(20260101);
    for (int round = 0; round < 20_000; round++) {
      byte[] bad = good.clone();
      for (int i = random.nextInt(4); i >= 0; i--) {
        bad[random.nextInt(bad.length)] = (byte) random.nextInt(256);
      }
      if (random.nextBoolean()) {
        repairChecksums(bad);
      }
      try {
        readAll(Arrays.copyOf(bad, random.nextInt(bad.length)));
      } catch (ImageException.FailedPrecondition e) {
        assertThat(e).hasMessageNotContaining("null");
      }
    }
  }

  private static void repairChecksums(byte[] archive) {
    for (int at = 0; at + 512 <= archive.length; at += 512) {
      if (archive[at + 257] == 'u') {
        Arrays.fill(archive, at + 148, at + 156, (byte) ' ');
        int sum = 0;
        for (int i = at; i < at + 512; i++) {
          sum += archive[i] & 0xff;
        }
        System.arraycopy(TestTar.octal(sum, 7), 0, archive, at + 148, 7);
      }
    }
  }

  private static byte[] paxBytes(String records) {
    byte[] bytes = records.getBytes(StandardCharsets.US_ASCII);
    return new TestTar().entry('x', new byte[] {'p'}, "", bytes).file("a", "").build();
  }

  private static byte[] manyExtensions() {
    TestTar tar = new TestTar();
    for (int i = 0; i < 100; i++) {
      tar.entry('x', new byte[] {'p'}, "", "6 a=b\n".getBytes(StandardCharsets.US_ASCII));
    }
    return tar.file("a", "").build();
  }

  private static List<TarEntry> readAll(byte[] archive) throws IOException {
    TarReader reader = reader(archive);
    List<TarEntry> entries = new ArrayList<>();
    for (TarEntry entry = reader.next(); entry != null; entry = reader.next()) {
      entries.add(entry);
    }
    return entries;
  }

  private static TarReader reader(byte[] archive) {
    return new TarReader(new ByteArrayInputStream(archive));
  }

  private static TarEntry next(TarReader reader) throws IOException {
    @Nullable TarEntry entry = reader.next();
    if (entry == null) {
      throw new AssertionError("the archive has ended");
    }
    return entry;
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
