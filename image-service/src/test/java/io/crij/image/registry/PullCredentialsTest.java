package io.crij.image.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crij.cri.v1.AuthConfig;
import io.crij.image.ImageException;
import io.crij.image.RegistryConfig;
import io.crij.image.RegistryConfig.CredentialSources;
import io.crij.image.name.Digest;
import io.crij.image.name.ImageReference;
import io.crij.image.registry.fake.FakeRegistry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Credentials that are for one namespace, or for one image. */
class PullCredentialsTest {
  private static final String MANIFEST = "/v2/team/app/manifests/v1";

  private final FakeRegistry registry = FakeRegistry.plain();
  private final ImageReference image = ImageReference.parse(registry.authority() + "/team/app:v1");
  @TempDir Path folder;

  @AfterEach
  void stop() {
    registry.close();
  }

  private Registry node(Map<String, Path> ofImages) throws IOException {
    Path hosts = Files.createDirectories(folder.resolve("certs.d").resolve(registry.authority()));
    Files.writeString(hosts.resolve("hosts.toml"), "server = \"" + registry.url() + "\"");
    RegistryConfig below = RegistryConfig.below(folder);
    CredentialSources usual = below.credentials();
    return new Registry(
        new RegistryConfig(
            below.hostsDirs(),
            below.registriesConf(),
            below.registriesConfDir(),
            below.shortNameAliases(),
            below.shortNameMode(),
            new CredentialSources(
                usual.authFiles(), usual.helperDirs(), folder.resolve("auth"), ofImages),
            below.proxies()),
        Pulls.PATIENT);
  }

  private void auth(Path file, String user) throws IOException {
    Files.createDirectories(file.getParent());
    Files.writeString(
        file, "{\"auths\":{\"" + registry.authority() + "\":{\"auth\":\"" + basic(user) + "\"}}}");
  }

  private static String basic(String user) {
    return Base64.getEncoder().encodeToString((user + ":pass").getBytes(StandardCharsets.UTF_8));
  }

  private Path ofNamespace(String namespace) {
    String sum = Digest.sha256(image.name().getBytes(StandardCharsets.UTF_8)).hex();
    return folder.resolve("auth").resolve(namespace + "-" + sum + ".json");
  }

  /** Who the registry was told that asks. */
  private List<String> askedAs(Registry node, String namespace) {
    registry.on(
        MANIFEST,
        exchange -> {
          exchange.getResponseHeaders().set("WWW-Authenticate", "Basic realm=\"r\"");
          FakeRegistry.error(exchange, 401, "UNAUTHORIZED");
        });
    int before = registry.seen(MANIFEST).size();
    try (ImageSource source = node.open(image, AuthConfig.getDefaultInstance(), namespace)) {
      assertThatThrownBy(source::resolve).isInstanceOf(ImageException.Unauthenticated.class);
    }
    return registry.seen(MANIFEST).stream()
        .skip(before)
        .map(request -> request.headers().getFirst("Authorization"))
        .filter(java.util.Objects::nonNull)
        .toList();
  }

  @Test
  void thoseOfANamespaceServeOnePullOfThatNamespace() throws IOException {
    Registry node = node(Map.of());
    auth(folder.resolve("auth.json"), "node");
    auth(ofNamespace("team"), "team");
    assertThat(askedAs(node, "other")).containsExactly("Basic " + basic("node"));
    assertThat(askedAs(node, "")).containsExactly("Basic " + basic("node"));
    assertThat(askedAs(node, "team")).containsExactly("Basic " + basic("team"));
    assertThat(ofNamespace("team")).doesNotExist();
    assertThat(folder.resolve("auth/in-use")).isEmptyDirectory();
    assertThat(askedAs(node, "team")).containsExactly("Basic " + basic("node"));
  }

  @Test
  void whatAPullOfACrashHadTakenIsDeleted() throws IOException {
    auth(folder.resolve("auth/in-use/team-x.json"), "team");
    node(Map.of());
    assertThat(folder.resolve("auth/in-use")).isEmptyDirectory();
  }

  @Test
  void aNamespaceLeadsNowhereElse() throws IOException {
    Registry node = node(Map.of());
    assertThatThrownBy(() -> node.open(image, AuthConfig.getDefaultInstance(), "../secret"))
        .isInstanceOf(ImageException.InvalidArgument.class)
        .hasMessageContaining("namespace");
  }

  @Test
  void thoseOfAnImageAreForItAlone() throws IOException {
    Path file = folder.resolve("pause.json");
    auth(file, "pause");
    auth(folder.resolve("auth.json"), "node");
    Registry node = node(Map.of(image.toString(), file));
    assertThat(askedAs(node, "")).containsExactly("Basic " + basic("pause"));
    node.setAuthFilesOfImages(Map.of());
    assertThat(askedAs(node, "")).containsExactly("Basic " + basic("node"));
    assertThat(askedAs(node(Map.of("registry.k8s.io/pause:3.10", file)), ""))
        .containsExactly("Basic " + basic("node"));
  }
}
