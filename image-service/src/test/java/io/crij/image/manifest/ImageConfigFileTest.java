package io.crij.image.manifest;

import static io.crij.image.manifest.Documents.DIGEST;
import static io.crij.image.manifest.Documents.bytes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crij.image.ImageException;
import io.crij.image.name.Digest;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ImageConfigFileTest {
  private static final String CONFIG = Documents.config("[\"" + DIGEST + "\"]");

  private static ImageConfigFile parse(String text, int layers) {
    byte[] bytes = bytes(text);
    return ImageConfigFile.parse(bytes, Documents.manifestOf(bytes, layers));
  }

  @Test
  void readsWhatContainersNeed() {
    ImageConfigFile config = parse(CONFIG, 1);
    assertThat(config.platform()).hasToString("linux/amd64");
    assertThat(config.diffIds()).containsExactly(Digest.parse(DIGEST));
    ImageConfig execution = config.config();
    assertThat(execution.user()).isEqualTo("1000:1000");
    assertThat(execution.env()).containsExactly("PATH=/bin", "A=");
    assertThat(execution.entrypoint()).containsExactly("/bin/sh", "-c");
    assertThat(execution.cmd()).isEmpty();
    assertThat(execution.workingDir()).isEqualTo("/w");
    assertThat(execution.labels()).containsEntry("k", "v");
    assertThat(execution.volumes()).containsExactly("/data");
    assertThat(execution.stopSignal()).isEqualTo("SIGINT");
  }

  @Test
  void whatIsAbsentIsEmpty() {
    ImageConfigFile config = parse("{\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[]}}", 0);
    assertThat(config.config().user()).isEmpty();
    assertThat(config.config().volumes()).isEmpty();
    assertThat(config.platform().os()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "\"type\":\"layers\"|\"type\":\"layers+base\"",
        "\"type\":\"layers\"|\"x\":\"layers\"",
        "\"rootfs\":|\"x\":",
        "\"diff_ids\":[|\"diff_ids\":[null,",
        "\"diff_ids\":[|\"diff_ids\":[\"sha256:../../x\",",
        "\"diff_ids\":[|\"x\":[",
        "\"PATH=/bin\"|7",
        "\"PATH=/bin\"|null",
        "\"PATH=/bin\"|\"A=b\\u0000c\"",
        "\"User\":\"1000:1000\"|\"User\":1000",
        "\"Labels\":{|\"Labels\":[],\"x\":{",
        "\"k\":\"v\"|\"k\":{}",
        "\"/data\":{}|\"/da\\u0000ta\":{}",
        "\"os\":\"linux\"|\"os\":[]",
      })
  void refusesMalformedFields(String original, String edited) {
    assertThat(CONFIG).contains(original);
    assertThatThrownBy(() -> parse(CONFIG.replace(original, edited), 1))
        .isInstanceOf(ImageException.FailedPrecondition.class)
        .hasMessageStartingWith("malformed image configuration: ");
  }

  @Test
  void refusesAnotherNumberOfLayersThanTheManifest() {
    assertThatThrownBy(() -> parse(CONFIG, 2))
        .isInstanceOf(ImageException.FailedPrecondition.class)
        .hasMessageContaining("rootfs: diff_ids".replace(": ", "."))
        .hasMessageContaining("the manifest has 2 layers");
  }

  @Test
  void refusesWhatTheManifestDoesNotDescribe() {
    byte[] config = bytes(CONFIG);
    byte[] other = bytes(CONFIG.replace("1000:1000", "0000:0000"));
    byte[] longer = bytes(CONFIG + " ");
    Manifest manifest = Documents.manifestOf(config, 1);
    for (byte[] wrong : new byte[][] {other, longer}) {
      assertThatThrownBy(() -> ImageConfigFile.parse(wrong, manifest))
          .isInstanceOf(ImageException.FailedPrecondition.class);
    }
  }

  /** An image's own idea of its id (CVE-2014-9358) is not even read. */
  @Test
  void ignoresIdsOfOldTimes() {
    assertThat(
            parse(CONFIG.replaceFirst("\\{", "{\"id\":\"../../x\",\"parent\":\"/\","), 1).diffIds())
        .hasSize(1);
  }

  @Test
  void survivesMutations() {
    Random random = new Random(21285);
    for (int round = 0; round < 20_000; round++) {
      byte[] mutant = bytes(CONFIG);
      for (int i = random.nextInt(4); i >= 0; i--) {
        mutant[random.nextInt(mutant.length)] = (byte) random.nextInt(256);
      }
      try {
        ImageConfigFile.parse(mutant, Documents.manifestOf(mutant, 1));
      } catch (ImageException.FailedPrecondition e) {
        assertThat(e).hasMessageStartingWith("malformed image configuration: ");
      }
    }
  }
}
