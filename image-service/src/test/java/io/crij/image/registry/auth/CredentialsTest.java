package io.crij.image.registry.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crij.cri.v1.AuthConfig;
import io.crij.image.ImageException;
import io.crij.image.RegistryConfig;
import io.crij.image.name.ImageReference;
import io.crij.image.registry.conf.RegistriesFiles;
import io.crij.image.registry.hosts.Endpoint;
import io.crij.image.registry.hosts.Endpoints;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CredentialsTest {
  private static AuthConfig.Builder auth() {
    return AuthConfig.newBuilder();
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void readsEachForm() {
    assertThat(Credentials.of(AuthConfig.getDefaultInstance())).isEqualTo(Credentials.NONE);
    assertThat(Credentials.of(auth().setUsername("u").setPassword("p:q").build()))
        .isEqualTo(new Credentials.Password("u", "p:q"));
    assertThat(Credentials.of(auth().setAuth(base64("u:p:q")).build()))
        .isEqualTo(new Credentials.Password("u", "p:q"));
    assertThat(Credentials.of(auth().setIdentityToken("t").setUsername("u").build()))
        .isEqualTo(new Credentials.IdentityToken("t"));
    assertThat(Credentials.of(auth().setRegistryToken("t").setIdentityToken("u").build()))
        .isEqualTo(new Credentials.RegistryToken("t"));
    assertThat(new Credentials.Password("u", "p").basic()).isEqualTo("Basic " + base64("u:p"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"secret!", "c2VjcmV0", "OnNlY3JldA==", " "})
  void aMalformedAuthIsNotQuoted(String value) {
    assertThatThrownBy(() -> Credentials.of(auth().setAuth(value).build()))
        .isInstanceOf(ImageException.InvalidArgument.class)
        .hasMessage("malformed auth in the credentials")
        .hasNoCause();
  }

  @Test
  void aTokenThatIsNoHeaderIsNotQuoted() {
    assertThatThrownBy(() -> Credentials.of(auth().setRegistryToken("secret\r\nx: y").build()))
        .isInstanceOf(ImageException.InvalidArgument.class)
        .message()
        .doesNotContain("secret");
  }

  @Test
  void nothingShowsSecrets() {
    for (Credentials credentials :
        List.of(
            new Credentials.Password("u", "secret"),
            new Credentials.IdentityToken("secret"),
            new Credentials.RegistryToken("secret"))) {
      assertThat(credentials.toString()).doesNotContain("secret");
    }
  }

  private static List<Endpoint> endpoints(Path folder, String image) {
    RegistryConfig config = RegistryConfig.below(folder);
    return new Endpoints(config, new RegistriesFiles(config)).of(ImageReference.parse(image));
  }

  /** The last column: which of mirror and registry get the credentials. */
  @ParameterizedTest
  @CsvSource({
    "'', registry",
    "r.example, registry",
    "https://R.example/v1/, registry",
    "server.example:5000, registry",
    "https://mirror.example, mirror",
    "other.example, none",
    "r.example.evil, none",
    "mirror.example:5000, none",
  })
  void areForOneHostOnly(String serverAddress, String expected, @TempDir Path folder)
      throws IOException {
    Files.createDirectories(folder.resolve("certs.d/r.example"));
    Files.writeString(
        folder.resolve("certs.d/r.example/hosts.toml"),
        "server = \"https://server.example:5000\"\n[host.\"https://mirror.example\"]\n");
    List<Endpoint> hosts = endpoints(folder, "r.example/a");
    ImageReference image = ImageReference.parse("r.example/a");
    AuthConfig auth = auth().setServerAddress(serverAddress).build();
    assertThat(Credentials.areFor(hosts.getFirst(), auth, image))
        .isEqualTo(expected.equals("mirror"));
    assertThat(Credentials.areFor(hosts.getLast(), auth, image))
        .isEqualTo(expected.equals("registry"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "docker.io", "https://index.docker.io/v1/", "registry-1.docker.io"})
  void dockerHubHasManyNames(String serverAddress, @TempDir Path folder) {
    Endpoint host = endpoints(folder, "busybox").getFirst();
    assertThat(
            Credentials.areFor(
                host,
                auth().setServerAddress(serverAddress).build(),
                ImageReference.parse("busybox")))
        .isTrue();
  }
}
