package io.crij.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crij.admin.v1.TagImageRequest;
import io.crij.image.tar.TestTar;
import io.crij.linux.testing.LeavesNoTrace;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What users are shown as, and what names and ids mean. */
@Tag("root")
@ExtendWith(LeavesNoTrace.class)
final class SemanticsKernelTest {
  private static final byte[] LAYER = new TestTar().file("f", "f").build();
  private static final TestImage APP = TestImage.of("", LAYER);

  private final LocalRegistry registry;
  private final TestNode node;
  private final String v1;
  private final String v2;
  private final String digest;

  SemanticsKernelTest(@TempDir Path folder) throws IOException {
    registry = new LocalRegistry();
    registry.configure(TestNode.hosts(folder));
    node = new TestNode(folder);
    v1 = registry.name("app", ":v1");
    v2 = registry.name("app", ":v2");
    digest = registry.name("app", "@" + APP.manifestDigest());
  }

  @BeforeEach
  void pullTwoTags() {
    registry.add("app", "v1", APP);
    registry.add("app", "v2", APP);
    node.pull(v1);
    node.pull(v2);
  }

  @AfterEach
  void close() {
    node.close();
    registry.close();
  }

  @ParameterizedTest
  @CsvSource({
    "'', , ''",
    "0, 0, ''",
    "1000, 1000, ''",
    "1000:2000, 1000, ''",
    "1000:staff, 1000, ''",
    "nobody, , nobody",
    "nobody:nogroup, , nobody",
    "nobody:, , nobody",
    "':2000', , ''",
    "-1, , -1",
    "+1, , +1",
    "4294967294, 4294967294, ''",
    "12ab, , 12ab",
    "99999999999999999999, , 99999999999999999999",
  })
  void aUserIsANumberOrAName(String user, Long uid, String name) {
    registry.add("user", "v1", TestImage.of(user, LAYER));
    node.pull(registry.name("user", ":v1"));
    io.crij.cri.v1.Image image = node.status(registry.name("user", ":v1"));
    assertThat(image.hasUid()).isEqualTo(uid != null);
    assertThat(image.getUid().getValue()).isEqualTo(uid == null ? 0 : uid);
    assertThat(image.getUsername()).isEqualTo(name);
  }

  @Test
  void anIdIsOneOnlyWhenItIsExact() {
    String id = APP.id().hex();
    for (String known : List.of(id, "sha256:" + id, id.substring(0, 3), id.substring(0, 12))) {
      assertThat(node.has(known)).as(known).isTrue();
    }
    String other = (id.charAt(0) == '0' ? '1' : '0') + id.substring(1);
    for (String unknown : List.of(other, "sha256:" + other, "sha256:" + other.substring(0, 12))) {
      assertThat(node.has(unknown)).as(unknown).isFalse();
    }
    assertThat(node.has("sha256:" + id.substring(0, 12))).as("a short id with its kind").isTrue();
    assertThat(node.has("sha256:" + id + "0")).as("a digit too many").isFalse();
    assertThatThrownBy(() -> node.has(id.toUpperCase(Locale.ROOT)))
        .isInstanceOf(ImageException.InvalidArgument.class);
  }

  @Test
  void aTagIsTakenAwayAloneUntilItIsTheLast() {
    node.remove(v1);
    assertThat(node.has(v1)).isFalse();
    assertThat(node.status(v2).getRepoTagsList()).containsExactly(v2);
    assertThat(node.status(digest).getId()).isEqualTo(APP.id().hex());
    node.remove(v1);
    assertThat(node.has(v2)).as("gone already").isTrue();
    node.remove(v2);
    assertThat(node.list("")).isEmpty();
  }

  @Test
  void anIdTakesAllTagsAway() {
    node.remove(APP.id().hex().substring(0, 12));
    assertThat(node.list("")).isEmpty();
    node.remove(APP.id().hex());
  }

  @Test
  void aDigestTakesOnlyItselfAwayWhileThereAreTags() {
    node.remove(digest);
    assertThat(node.status(v1).getRepoTagsList()).containsExactly(v1, v2);
    node.remove(v1);
    node.remove(v2);
    assertThat(node.list("")).isEmpty();
    node.pull(digest);
    assertThat(node.status(digest).getRepoTagsList()).isEmpty();
    node.remove(digest);
    assertThat(node.list("")).isEmpty();
  }

  @Test
  void tagsOfOtherRegistriesAreNamesToo() {
    String copy = "copy.example/app:v1";
    node.images().admin().tagImage(TagImageRequest.newBuilder().setImage(v1).setTag(copy).build());
    node.remove(v1);
    node.remove(v2);
    assertThat(node.status(copy).getRepoTagsList()).containsExactly(copy);
    node.remove(copy);
    assertThat(node.list("")).isEmpty();
  }
}
