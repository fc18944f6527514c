package io.crij.server.config.telemetry;

import static java.util.Objects.requireNonNull;
import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crij.server.config.CommandLine;
import io.crij.server.config.ServerConfig;
import io.crij.server.config.given.ConfigException;
import io.crij.server.tls.TlsSettings;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TelemetryConfigTest {
  @TempDir private Path folder;

  private ServerConfig load(String content) throws IOException {
    Path file = Files.writeString(folder.resolve("crij.toml"), content);
    return ServerConfig.load(new CommandLine.Run(file, Map.of()), Map.of(), folder);
  }

  @Test
  void everyKeyOfMetricsReachesItsSetting() throws IOException {
    ServerConfig config =
        load(
            """
            [crij.metrics]
            enable_metrics = true
            metrics_host = "::1"
            metrics_port = 9999
            metrics_socket = "/data/metrics.sock"
            metrics_collectors = ["crio_operations_total", "pods", "crij_default_runtime"]
            metrics_cert = "/data/metrics.crt"
            metrics_key = "/data/metrics.key"
            """);

    assertThat(config.metrics())
        .isEqualTo(
            new MetricsConfig(
                true,
                new InetSocketAddress(InetAddress.ofLiteral("::1"), 9999),
                new TlsSettings(
                    Path.of("/data/metrics.crt"),
                    Path.of("/data/metrics.key"),
                    null,
                    "TLSv1.2",
                    List.of()),
                Path.of("/data/metrics.sock"),
                Set.of("crij_rpc_seconds", "crij_pods", "crij_default_runtime")));
    assertThat(load("").metrics().chosen()).isNull();
  }

  /** The page's first column, and those of CRI-O that it speaks of. */
  @Test
  void everyMetricOfThePageCanBeChosen() throws IOException {
    String page = Files.readString(Path.of("../docs/metrics.md"));
    Set<String> own = new TreeSet<>();
    Pattern.compile("^\\| `(crij_\\w+)` \\|", Pattern.MULTILINE)
        .matcher(page)
        .results()
        .forEach(row -> own.add(row.group(1)));
    assertThat(chosen(own)).isEqualTo(own);

    Set<String> crio = new TreeSet<>();
    String table = page.substring(page.indexOf("| CRI-O | CRI-J |"), page.indexOf("## Traces"));
    for (String row : table.lines().skip(2).takeWhile(line -> line.startsWith("|")).toList()) {
      Pattern.compile("`(\\w+)`")
          .matcher(row.split("\\|")[1])
          .results()
          .forEach(name -> crio.add("container_runtime_crio_" + name.group(1)));
    }
    assertThat(crio).hasSize(18);
    assertThat(own).containsAll(chosen(crio));

    assertThatThrownBy(() -> chosen(Set.of("crij_nothing")))
        .isInstanceOf(ConfigException.class)
        .hasMessageEndingWith("metrics_collectors: 'crij_nothing' is the name of no metric");
  }

  private Set<String> chosen(Set<String> words) throws IOException {
    String list = words.stream().map(word -> '"' + word + '"').collect(joining(", "));
    return requireNonNull(
        load("[crij.metrics]\nmetrics_collectors = [" + list + "]\n").metrics().chosen());
  }

  @Test
  void everyKeyOfTracesAndLogsReachesItsSetting() throws IOException {
    assertThat(load("").tracing()).isEqualTo(new TracingConfig(false, "127.0.0.1:4317", 0));
    ServerConfig config =
        load(
            """
            [crij.runtime]
            log_level = "debug"
            log_filter = "^Pull"
            [crij.tracing]
            enable_tracing = true
            tracing_endpoint = "[::1]:99"
            tracing_sampling_rate_per_million = 1000000
            """);

    assertThat(config.tracing()).isEqualTo(new TracingConfig(true, "[::1]:99", 1_000_000));
    assertThat(config.log()).isEqualTo(new LogSettings(LogLevel.DEBUG, "^Pull"));
  }
}
