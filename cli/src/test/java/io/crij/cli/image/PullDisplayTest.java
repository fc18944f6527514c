package io.crij.cli.image;

import static org.assertj.core.api.Assertions.assertThat;

import io.crij.admin.v1.PullImageProgress;
import io.crij.admin.v1.PulledLayer;
import io.crij.admin.v1.PulledLayer.Stage;
import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

final class PullDisplayTest {
  private static final String A = "sha256:" + "a".repeat(64);
  private static final String B = "sha256:" + "b".repeat(64);

  private final StringWriter text = new StringWriter();

  @Test
  void withoutATerminalEachStageIsALine() {
    PullDisplay display = new PullDisplay(new PrintWriter(text, true), false);
    display.show(PullImageProgress.getDefaultInstance());
    display.show(progress(layer(A, Stage.WAITING, 0), layer(B, Stage.EXISTS, 0)));
    display.show(progress(layer(A, Stage.DOWNLOADING, 1_000_000), layer(B, Stage.EXISTS, 0)));
    display.show(progress(layer(A, Stage.DOWNLOADING, 2_000_000), layer(B, Stage.EXISTS, 0)));
    display.show(
        progress(
            layer(A, Stage.RETRYING, 2_000_000).setTrouble("host: broken\u001b[2J\noff"),
            layer(B, Stage.EXISTS, 0)));
    display.show(progress(layer(A, Stage.DONE, 4_000_000), layer(B, Stage.EXISTS, 0)));

    assertThat(text.toString().lines())
        .containsExactly(
            "bbbbbbbbbbbb 4.0 MB exists",
            "aaaaaaaaaaaa 1.0/4.0 MB downloading",
            "aaaaaaaaaaaa 2.0/4.0 MB retrying: host: broken?[2J?off",
            "aaaaaaaaaaaa 4.0 MB done");
  }

  @Test
  void onATerminalBarsAreDrawnOverTheLastOnes() {
    PullDisplay display = new PullDisplay(new PrintWriter(text, true), true);
    display.show(progress(layer(A, Stage.DOWNLOADING, 2_000_000), layer(B, Stage.WAITING, 0)));
    display.show(progress(layer(A, Stage.UNPACKING, 9_000_000), layer(B, Stage.WAITING, 0)));

    assertThat(text.toString())
        .isEqualTo(
            """
            aaaaaaaaaaaa [============             ] 2.0/4.0 MB downloading\u001b[K
            bbbbbbbbbbbb [                         ] 0.0/4.0 MB waiting\u001b[K
            \u001b[2Faaaaaaaaaaaa [=========================] 9.0/4.0 MB unpacking\u001b[K
            bbbbbbbbbbbb [                         ] 0.0/4.0 MB waiting\u001b[K
            """);
  }

  @Test
  void theSummaryTellsWhatCameFromWhatWasHere() {
    assertThat(PullDisplay.summary(progress(layer(A, Stage.DONE, 0), layer(B, Stage.EXISTS, 0))))
        .isEqualTo("4.0 MB came, 4.0 MB were here");
    assertThat(
            PullDisplay.summary(
                progress(
                    layer(A, Stage.DONE, 4_000_000).setFoundBytes(3_000_000),
                    layer(B, Stage.EXISTS, 0))))
        .as("a part of a layer that an earlier pull left was here too")
        .isEqualTo("1.0 MB came, 7.0 MB were here");
  }

  private static PulledLayer.Builder layer(String digest, Stage stage, long downloaded) {
    return PulledLayer.newBuilder()
        .setDigest(digest)
        .setStage(stage)
        .setSizeBytes(4_000_000)
        .setDownloadedBytes(downloaded);
  }

  private static PullImageProgress progress(PulledLayer.Builder... layers) {
    PullImageProgress.Builder progress = PullImageProgress.newBuilder();
    for (PulledLayer.Builder layer : layers) {
      progress.addLayers(layer);
    }
    return progress.build();
  }
}
