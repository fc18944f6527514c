package io.crij.runtime.stats;

import static org.assertj.core.api.Assertions.assertThat;

import io.crij.linux.cgroup.Controllers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.OptionalLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SamplerTest {
  private static final long BORN = Duration.ofDays(20_000).toNanos();

  @TempDir Path root;
  private Path usage;
  private long now = BORN;
  private Sampler sampler;

  @BeforeEach
  void makeGroup() throws IOException {
    Files.writeString(root.resolve("cgroup.controllers"), "");
    usage = Files.createDirectory(root.resolve("c1")).resolve("cpu.stat");
    sampler = new Sampler(Controllers.of(root), () -> now);
  }

  /** The sample at a time, when so many milliseconds of processors have been used. */
  private Sample at(Duration age, long usedMillis) throws IOException {
    Files.writeString(usage, "usage_usec " + usedMillis * 1000 + "\n");
    now = BORN + age.toNanos();
    return Objects.requireNonNull(sampler.sample("/c1", BORN));
  }

  private static OptionalLong cores(double cores) {
    return OptionalLong.of(Math.round(cores * 1e9));
  }

  @Test
  void theFirstWindowBeginsWithTheContainer() throws IOException {
    assertThat(at(Duration.ofMillis(900), 450).nanoCores()).isEmpty();
    assertThat(at(Duration.ofSeconds(2), 1000).nanoCores()).isEqualTo(cores(0.5));
  }

  @Test
  void whatIsUsedASecondIsOfTheTimeSinceTheSampleBefore() throws IOException {
    at(Duration.ofSeconds(10), 0);
    assertThat(at(Duration.ofSeconds(20), 15_000).nanoCores()).isEqualTo(cores(1.5));
    assertThat(at(Duration.ofSeconds(30), 15_000).nanoCores()).isEqualTo(cores(0));
  }

  @Test
  void twoSamplesCloseToEachOtherMakeNoWindow() throws IOException {
    at(Duration.ofSeconds(10), 0);
    at(Duration.ofSeconds(20), 10_000);

    Sample soon = at(Duration.ofMillis(20_500), 10_500);

    assertThat(soon.usage().cpuNanos()).isEqualTo(10_500_000_000L);
    assertThat(soon.nanoCores()).isEqualTo(cores(1));
    assertThat(at(Duration.ofSeconds(21), 10_500).nanoCores()).isEqualTo(cores(0.5));
  }

  @Test
  void whoComesAtOnceIsGivenTheSameSample() throws IOException {
    Sample first = at(Duration.ofSeconds(10), 100);

    assertThat(at(Duration.ofMillis(10_249), 200)).isSameAs(first);
    assertThat(at(Duration.ofMillis(10_250), 200)).isNotSameAs(first);
  }

  @Test
  void aLongTimeTellsNothingOfNow() throws IOException {
    at(Duration.ofSeconds(10), 100);
    assertThat(at(Duration.ofMinutes(3), 1000).nanoCores()).isEmpty();
    assertThat(at(Duration.ofSeconds(182), 3000).nanoCores()).isEqualTo(cores(1));
  }

  @Test
  void aClockThatIsSetBackTellsNothing() throws IOException {
    at(Duration.ofSeconds(10), 100);
    assertThat(at(Duration.ofSeconds(5), 200).nanoCores()).isEmpty();
    assertThat(at(Duration.ofSeconds(7), 2200).nanoCores()).isEqualTo(cores(1));
  }

  @Test
  void aGroupThatIsGoneHasNoSample() throws IOException {
    at(Duration.ofSeconds(10), 100);
    Files.delete(usage);
    sampler.forget("/c1"); // a file that is no cgroup's can still be read
    now += Duration.ofSeconds(1).toNanos();
    assertThat(sampler.sample("/c1", BORN)).isNull();
  }
}
