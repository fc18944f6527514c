package io.crij.image.registry.hosts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crij.image.ImageException;
import io.crij.image.registry.hosts.RegistryHost.Capability;
import io.crij.image.registry.tls.TlsSettings;
import io.crij.image.registry.tls.TlsSettings.ClientPair;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HostsDirectoryTest {
  private static final String MIRRORS =
      """
      server = "https://upstream.example"
      skip_verify = true

      [host."https://z.example"]
        capabilities = ["pull"]
        ca = "z.crt"
        client = "z.pem"
        dial_timeout = "1m5s"
        [host."https://z.example".header]
          x-one = "1"
          x-two = ["2", "3"]

      [host."http://a.example:5000/"]
        ca = ["/etc/a.crt", "b.crt"]
        client = [["a.cert", "a.key"], ["c.pem", ""]]

      [host."m.example/prefix"]
        skip_verify = true
        capabilities = ["pull", "resolve", "push"]

      [host."https://n.example/proxy/hub"]
        override_path = true

      [host."https://o.example/x/v2"]
      """;

  @TempDir Path folder;

  private List<RegistryHost> hosts(String domain) {
    return new HostsDirectory(List.of(folder)).hosts(domain, false);
  }

  private List<RegistryHost> read(String toml) throws IOException {
    write("r.example", toml);
    return hosts("r.example");
  }

  private void write(String name, String toml) throws IOException {
    Files.createDirectories(folder.resolve(name));
    Files.writeString(folder.resolve(name).resolve("hosts.toml"), toml);
  }

  @ParameterizedTest
  @CsvSource({
    "r.example, https://r.example/v2",
    "r.example:5000, https://r.example:5000/v2",
    "docker.io, https://registry-1.docker.io/v2",
    "localhost:5000, https://localhost:5000/v2",
    "'[::1]:5000', 'https://[::1]:5000/v2'",
  })
  void withoutAFolderTheRegistryItselfIsAskedByHttps(String domain, String base) {
    assertThat(hosts(domain))
        .singleElement()
        .satisfies(host -> {
          assertThat(host.base()).hasToString(base);
          assertThat(host.upstream()).isTrue();
          assertThat(host.capabilities()).containsExactlyInAnyOrder(Capability.values());
          assertThat(host.tls()).isEqualTo(TlsSettings.DEFAULT);
        });
  }

  @Test
  void keepsTheFilesOrderAndPutsTheRegistryLast() throws IOException {
    List<RegistryHost> hosts = read(MIRRORS);
    assertThat(hosts)
        .extracting(host -> host.base().toString())
        .containsExactly(
            "https://z.example/v2",
            "http://a.example:5000/v2",
            "https://m.example/prefix/v2",
            "https://n.example/proxy/hub",
            "https://o.example/x/v2",
            "https://upstream.example/v2");
    assertThat(hosts).extracting(RegistryHost::upstream).endsWith(false, true).startsWith(false);
  }

  @Test
  void readsTheOptionsOfEachHost() throws IOException {
    List<RegistryHost> hosts = read(MIRRORS);
    Path own = folder.resolve("r.example");
    RegistryHost first = hosts.getFirst();
    assertThat(first.capabilities()).containsExactly(Capability.PULL);
    assertThat(first.tls())
        .isEqualTo(
            new TlsSettings(
                List.of(own.resolve("z.crt")),
                List.of(new ClientPair(own.resolve("z.pem"), own.resolve("z.pem"))),
                false));
    assertThat(first.headers())
        .containsEntry("x-one", List.of("1"))
        .containsEntry("x-two", List.of("2", "3"));
    assertThat(first.connectTimeout()).isEqualTo(Duration.ofSeconds(65));
    assertThat(hosts.get(1).isPlain()).isTrue();
    assertThat(hosts.get(1).tls().authorities())
        .containsExactly(Path.of("/etc/a.crt"), own.resolve("b.crt"));
    assertThat(hosts.get(1).tls().clients())
        .containsExactly(
            new ClientPair(own.resolve("a.cert"), own.resolve("a.key")),
            new ClientPair(own.resolve("c.pem"), own.resolve("c.pem")));
    assertThat(hosts.get(2).tls().skipVerify()).isTrue();
    assertThat(hosts.getLast().tls().skipVerify()).isTrue();
    assertThat(hosts.get(3).tls().skipVerify()).isFalse();
  }

  @Test
  void theFolderOfTheRegistryGoesBeforeTheDefault() throws IOException {
    write("_default", "[host.\"https://default.example\"]");
    assertThat(hosts("r.example:5000").getFirst()).hasToString("https://default.example");
    write("r.example:5000", "[host.\"https://colon.example\"]");
    assertThat(hosts("r.example:5000").getFirst()).hasToString("https://colon.example");
    write("r.example_5000_", "[host.\"https://underscore.example\"]");
    assertThat(hosts("r.example:5000").getFirst()).hasToString("https://underscore.example");
    assertThat(hosts("r.example:5000").getLast()).hasToString("https://r.example:5000");
    assertThat(hosts("r.example").getFirst()).hasToString("https://default.example");
  }

  @Test
  void aChangeAppliesAtOnce() throws IOException {
    HostsDirectory directory = new HostsDirectory(List.of(folder));
    assertThat(directory.hosts("r.example", false)).hasSize(1);
    write("r.example", "[host.\"https://m.example\"]");
    assertThat(directory.hosts("r.example", false)).hasSize(2);
  }

  @Test
  void readsDockersForm() throws IOException {
    Path own = Files.createDirectories(folder.resolve("r.example"));
    for (String name : List.of("a.crt", "b.crt", "c.cert", "c.key", "readme")) {
      Files.createFile(own.resolve(name));
    }
    assertThat(hosts("r.example"))
        .singleElement()
        .satisfies(host ->
            assertThat(host.tls())
                .isEqualTo(
                    new TlsSettings(
                        List.of(own.resolve("a.crt"), own.resolve("b.crt")),
                        List.of(new ClientPair(own.resolve("c.cert"), own.resolve("c.key"))),
                        false)));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "server = |1",
        "server = 7|1: server",
        "server = \"https://u:secret@r.example\"|1: server",
        "server = \"https://r.example?token=secret\"|1: server",
        "server = \"ftp://r.example\"|1: server",
        "server = \"https://\"|1: server",
        "server = \"https://a b\"|1: server",
        "host = 7|1: host",
        "\\n[host]\\n\"https://x\" = 1|3: https://x",
        "[host.\"https://x\"]\\ncapabilities = [\"fly\"]|2: capabilities",
        "[host.\"https://x\"]\\ncapabilities = 1|2: capabilities",
        "[host.\"https://x\"]\\n\\nskip_verify = \"true\"|3: skip_verify",
        "[host.\"https://x\"]\\noverride_path = 1|2: override_path",
        "[host.\"https://x\"]\\nca = [1]|2: ca",
        "[host.\"https://x\"]\\nca = \"\"|2: ca",
        "[host.\"https://x\"]\\nclient = [[\"a\", \"b\", \"c\"]]|2: client",
        "[host.\"https://x\"]\\ndial_timeout = \"soon\"|2: dial_timeout",
        "[host.\"https://x\"]\\ndial_timeout = \"0s\"|2: dial_timeout",
        "[host.\"https://x\"]\\nheader = 1|2: header",
        "[host.\"https://x\".header]\\nHost = \"y\"|2: Host",
        "[host.\"https://x\".header]\\n\"a b\" = \"y\"|2: a b",
        "[host.\"https://x\".header]\\nx = \"secret\\u000d\\u000ab: c\"|2: x",
        "[host.\"https://x\"]\\n[host.\"https://x\"]|2",
      })
  void namesFileAndLineOfWhatIsMalformed(String toml, String place) {
    assertThatThrownBy(() -> read(toml.replace("\\n", "\n")))
        .isInstanceOf(ImageException.FailedPrecondition.class)
        .hasMessageStartingWith(folder.resolve("r.example/hosts.toml") + ":" + place)
        .message()
        .doesNotContain("secret");
  }
}
