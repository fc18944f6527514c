package io.crij.image.tar;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crij.image.ImageException;
import io.crij.image.tar.TarContent.Extent;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Sparse files; those that GNU tar writes are read in the tests of unpacking. */
final class SparseTarTest {
  private static final long TERABYTE = 1L << 40;

  @Test
  void aMapOfOneRecordTellsWhereThePartsAre() throws IOException {
    TarContent content =
        read(
            sparse(TERABYTE)
                .pax("GNU.sparse.map", "512,3,4096,2,1099511627776,0")
                .file("f", "abcde")
                .build());
    assertThat(content.sizeBytes()).isEqualTo(TERABYTE);
    assertThat(content.extents()).containsExactly(new Extent(512, 3), new Extent(4096, 2));
    assertThat(content.storedBytes()).isEqualTo(5);
    assertThat(content.offset()).isEqualTo(3 * 512);
  }

  @Test
  void aMapOfManyRecordsIsReadInTheirOrder() throws IOException {
    TarContent content =
        read(
            sparse(9)
                .pax("GNU.sparse.offset", "1")
                .pax("GNU.sparse.numbytes", "2")
                .pax("GNU.sparse.offset", "7")
                .pax("GNU.sparse.numbytes", "1")
                .file("f", "abc")
                .build());
    assertThat(content.extents()).containsExactly(new Extent(1, 2), new Extent(7, 1));
  }

  @Test
  void aMapBeforeTheContentIsNotContent() throws IOException {
    String map = "1\n100\n3\n" + "\0".repeat(512 - 8);
    TarContent content = read(version1(200).file("f", map + "abc").build());
    assertThat(content.extents()).containsExactly(new Extent(100, 3));
    assertThat(content.offset()).isEqualTo(4 * 512);
  }

  @Test
  void aMapGoesOnBehindTheHeader() throws IOException {
    byte[] archive = new TestTar().entry('S', new byte[] {'f'}, "", "xy".getBytes(UTF_8)).build();
    byte[] header = Arrays.copyOf(archive, 512);
    number(header, 386, 0);
    number(header, 398, 1);
    header[482] = 1;
    number(header, 483, 5000);
    byte[] more = new byte[512];
    number(more, 0, 4999);
    number(more, 12, 1);
    byte[] content = Arrays.copyOfRange(archive, 512, archive.length);
    TarContent read =
        read(new TestTar().raw(TestTar.withChecksum(header)).raw(more).raw(content).build());
    assertThat(read.sizeBytes()).isEqualTo(5000);
    assertThat(read.extents()).containsExactly(new Extent(0, 1), new Extent(4999, 1));
    assertThat(read.offset()).isEqualTo(1024);
  }

  static Stream<Named<byte[]>> refused() {
    return Stream.of(
        refuse(
            "parts that overlap", sparse(100).pax("GNU.sparse.map", "0,3,2,2").file("f", "abcde")),
        refuse(
            "parts in no order", sparse(100).pax("GNU.sparse.map", "9,2,2,3").file("f", "abcde")),
        refuse("part beyond the end", sparse(100).pax("GNU.sparse.map", "98,5").file("f", "abcde")),
        refuse(
            "end beyond 63 bits",
            sparse(100).pax("GNU.sparse.map", "9223372036854775807,5").file("f", "abcde")),
        refuse("negative position", sparse(100).pax("GNU.sparse.map", "-1,5").file("f", "abcde")),
        refuse("negative length", sparse(100).pax("GNU.sparse.map", "0,-5").file("f", "abcde")),
        refuse("odd count", sparse(100).pax("GNU.sparse.map", "0,5,7").file("f", "abcde")),
        refuse(
            "more stored than said", sparse(100).pax("GNU.sparse.map", "0,4").file("f", "abcde")),
        refuse(
            "less stored than said", sparse(100).pax("GNU.sparse.map", "0,6").file("f", "abcde")),
        refuse("no map", sparse(100).file("f", "abcde")),
        refuse("no size", new TestTar().pax("GNU.sparse.map", "0,5").file("f", "abcde")),
        refuse("a map of junk", sparse(100).pax("GNU.sparse.map", "0,5x").file("f", "abcde")),
        refuse("64 TiB", sparse(64 * TERABYTE).pax("GNU.sparse.map", "0,5").file("f", "abcde")),
        refuse(
            "a million parts",
            sparse(TERABYTE).pax("GNU.sparse.map", "1,0,".repeat(200_000) + "1,0").file("f", "")),
        refuse("map of 2^31 parts", version1(9).file("f", "2147483648\n" + "0\n".repeat(2000))),
        refuse("map without end", version1(9).file("f", "1\n2\n")),
        refuse("map of letters", version1(9).file("f", "one\n".repeat(200))));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("refused")
  void whatIsNoMapIsRefused(byte[] archive) {
    assertThatThrownBy(() -> read(archive)).isInstanceOf(ImageException.FailedPrecondition.class);
  }

  private static TestTar sparse(long size) {
    return new TestTar().pax("GNU.sparse.size", Long.toString(size));
  }

  private static TestTar version1(long size) {
    return new TestTar()
        .pax("GNU.sparse.major", "1")
        .pax("GNU.sparse.minor", "0")
        .pax("GNU.sparse.realsize", Long.toString(size));
  }

  private static Named<byte[]> refuse(String name, TestTar tar) {
    return Named.of(name, tar.build());
  }

  private static void number(byte[] block, int offset, long value) {
    System.arraycopy(TestTar.octal(value, 12), 0, block, offset, 12);
  }

  private static TarContent read(byte[] archive) throws IOException {
    TarReader reader = new TarReader(new ByteArrayInputStream(archive));
    @Nullable TarEntry entry = reader.next();
    if (entry == null) {
      throw new AssertionError("the archive is empty");
    }
    TarContent content = entry.content();
    while (reader.next() != null) {
      // Only what an entry itself says is of interest.
    }
    return content;
  }
}
