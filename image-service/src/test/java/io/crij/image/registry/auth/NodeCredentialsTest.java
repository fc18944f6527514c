package io.crij.image.registry.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crij.image.ImageException;
import io.crij.image.RegistryConfig;
import io.crij.image.name.ImageReference;
import io.crij.image.registry.auth.Credentials.IdentityToken;
import io.crij.image.registry.auth.Credentials.Password;
import io.crij.image.registry.auth.Credentials.RegistryToken;
import io.crij.image.registry.conf.RegistriesFiles;
import io.crij.image.registry.hosts.Endpoint;
import io.crij.image.registry.hosts.Endpoints;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** By the words of containers-auth.json(5), and of Docker's configuration file. */
class NodeCredentialsTest {
  private static final String SECRET = "hunter2hunter2";

  @TempDir Path folder;

  private static String auth(String user) {
    return "{\"auth\":\"%s\"}"
        .formatted(
            Base64.getEncoder()
                .encodeToString((user + ":" + SECRET).getBytes(StandardCharsets.UTF_8)));
  }

  private void file(String name, String text) throws IOException {
    Files.writeString(folder.resolve(name), text.replace('\'', '"'));
  }

  private void helper(String name, String script) throws IOException {
    Path bin = Files.createDirectories(folder.resolve("bin"));
    Path program = bin.resolve("docker-credential-" + name);
    Files.writeString(program, "#!/bin/sh\n" + script);
    Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private Credentials find(String image) {
    RegistryConfig config = RegistryConfig.below(folder);
    RegistriesFiles files = new RegistriesFiles(config);
    Endpoint endpoint = new Endpoints(config, files).of(ImageReference.parse(image)).getFirst();
    return new NodeCredentials(config.credentials(), files).find(endpoint, List.of());
  }

  private static Password user(String name) {
    return new Password(name, SECRET);
  }

  @Test
  void withoutFilesThereAreNone() {
    assertThat(find("r.test/a")).isEqualTo(Credentials.NONE);
  }

  @ParameterizedTest
  @CsvSource({
    "my-registry.local/namespace/user/image:latest, image",
    "my-registry.local/namespace/user/other, user",
    "my-registry.local/namespace/x, namespace",
    "my-registry.local/x, registry",
    "my-registry.local/namespaces/x, registry",
    "other.local:5000/x, port",
    "other.local/x, ",
    "url.local/any/x, url",
    "old.local/x, old",
    "busybox, hub",
    "docker.io/user/app, hub",
  })
  void theInmostNamespaceCounts(String image, String user) throws IOException {
    file(
        "auth.json",
        "{'auths':{%s}}"
            .formatted(
                String.join(
                    ",",
                    "'my-registry.local':" + auth("registry"),
                    "'my-registry.local/namespace/user':" + auth("user"),
                    "'my-registry.local/namespace/user/image':" + auth("image"),
                    "'my-registry.local/namespace':" + auth("namespace"),
                    "'other.local:5000':" + auth("port"),
                    "'https://url.local/v1/':" + auth("url"),
                    "'http://old.local':" + auth("old"),
                    "'https://index.docker.io/v1/':" + auth("hub"))));
    assertThat(find(image)).isEqualTo(user == null ? Credentials.NONE : user(user));
  }

  @Test
  void anExactKeyOfDockerHubGoesBeforeItsOldOne() throws IOException {
    file(
        "auth.json",
        "{'auths':{'https://index.docker.io/v1/':%s,'docker.io/library':%s}}"
            .formatted(auth("old"), auth("library")));
    assertThat(find("busybox")).isEqualTo(user("library"));
    assertThat(find("docker.io/user/app")).isEqualTo(user("old"));
  }

  @Test
  void theFirstFileThatKnowsCounts() throws IOException {
    file("auth.json", "{'auths':{'a.test':%s,'empty.test':{}}}".formatted(auth("first")));
    file(
        "config.json",
        "{'auths':{'a.test':%1$s,'b.test':%1$s,'empty.test':%1$s},'HttpHeaders':{'x':'y'}}"
            .formatted(auth("second")));
    file(
        ".dockercfg",
        "{'https://b.test/v1/':%1$s,'https://c.test/v1/':%1$s}".formatted(auth("third")));
    assertThat(find("a.test/x")).isEqualTo(user("first"));
    assertThat(find("b.test/x")).isEqualTo(user("second"));
    assertThat(find("c.test/x")).isEqualTo(user("third"));
    assertThat(find("empty.test/x")).isEqualTo(user("second"));
  }

  @Test
  void allKindsOfCredentialsAreRead() throws IOException {
    file(
        "auth.json",
        """
        {'auths':{
          'id.test':{'auth':'MDAwOg==','identitytoken':'t1'},
          'reg.test':{'registrytoken':'t2'},
          'plain.test':{'username':'u','password':'p'},
          'colon.test':{'auth':'dTpwOnE='},
          'zero.test':{'auth':'dTpwAAA='}}}
        """);
    assertThat(find("id.test/x")).isEqualTo(new IdentityToken("t1"));
    assertThat(find("reg.test/x")).isEqualTo(new RegistryToken("t2"));
    assertThat(find("plain.test/x")).isEqualTo(new Password("u", "p"));
    assertThat(find("colon.test/x")).isEqualTo(new Password("u", "p:q"));
    assertThat(find("zero.test/x")).isEqualTo(new Password("u", "p"));
  }

  /** A mirror goes by its own name, never by that of the registry. */
  @Test
  void aHostGoesByItsOwnName() throws IOException {
    Files.createDirectories(folder.resolve("certs.d/r.test"));
    file("certs.d/r.test/hosts.toml", "server = 's.test'\n[host.'https://m.test:5000']");
    file("auth.json", "{'auths':{'r.test':%s}}".formatted(auth("registry")));
    assertThat(find("r.test/x")).isEqualTo(Credentials.NONE);
    file(
        "auth.json",
        "{'auths':{'r.test':%s,'m.test:5000':%s}}".formatted(auth("registry"), auth("mirror")));
    assertThat(find("r.test/x")).isEqualTo(user("mirror"));
  }

  @Test
  void aHelperOfARegistryGoesBeforeItsEntry() throws IOException {
    helper(
        "own",
        "read server; test \"$1\" = get || exit 9; echo \"{\\\"ServerURL\\\":\\\"$server\\\",\\\"Username\\\":\\\"for-$server\\\",\\\"Secret\\\":\\\""
            + SECRET
            + "\\\"}\"");
    file(
        "auth.json",
        "{'auths':{'a.test':%1$s,'b.test':%1$s},'credHelpers':{'a.test':'own','docker.io':'own'}}"
            .formatted(auth("entry")));
    assertThat(find("a.test/x")).isEqualTo(user("for-a.test"));
    assertThat(find("b.test/x")).isEqualTo(user("entry"));
    assertThat(find("busybox")).isEqualTo(user("for-docker.io"));
  }

  @Test
  void aStoreIsAskedForWhatHasNoEntry() throws IOException {
    helper(
        "store",
        "read server; case $server in *hub*|*docker*) echo \"{\\\"Username\\\":\\\"<token>\\\",\\\"Secret\\\":\\\"$server\\\"}\";; *) echo credentials not found in native keychain; exit 1;; esac");
    file("config.json", "{'auths':{'https://index.docker.io/v1/':{}},'credsStore':'store'}");
    assertThat(find("busybox")).isEqualTo(new IdentityToken("https://index.docker.io/v1/"));
    assertThat(find("hub.test/x")).isEqualTo(new IdentityToken("hub.test"));
    assertThat(find("other.test/x")).isEqualTo(Credentials.NONE);
  }

  @Test
  void helpersOfTheNodeAreAskedInTheirOrder() throws IOException {
    helper("one", "echo credentials not found in native keychain; exit 1");
    helper("two", "echo '{\"Username\":\"two\",\"Secret\":\"" + SECRET + "\"}'");
    file("auth.json", "{'auths':{'a.test':%s}}".formatted(auth("file")));
    file("registries.conf", "credential-helpers = ['one', 'containers-auth.json', 'two']");
    assertThat(find("a.test/x")).isEqualTo(user("file"));
    assertThat(find("b.test/x")).isEqualTo(user("two"));
    file("registries.conf", "credential-helpers = ['two']");
    assertThat(find("a.test/x")).isEqualTo(user("two"));
  }

  /** What a helper writes may be secret, also when it fails. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "echo hunter2hunter2; echo hunter2hunter2 >&2; exit 3|failed with status 3",
        "kill -9 $$|failed with status 137",
        "echo hunter2hunter2|wrote something that is not JSON",
        "echo '{\"Username\":5,\"Secret\":\"hunter2hunter2\"}'|wrote something that is not JSON",
        "head -c 60000 /dev/zero|wrote something that is not JSON",
      })
  void aHelperThatFailsIsNamed(String script, String reason) throws IOException {
    helper("bad", script);
    file("auth.json", "{'credHelpers':{'a.test':'bad'}}");
    assertThatThrownBy(() -> find("a.test/x"))
        .isInstanceOf(ImageException.FailedPrecondition.class)
        .hasMessageContaining("docker-credential-bad " + reason)
        .message()
        .doesNotContain(SECRET);
    assertThat(find("b.test/x")).isEqualTo(Credentials.NONE);
  }

  @ParameterizedTest
  @ValueSource(strings = {"../bin/own", "", ".", "a b", "a/b", "missing"})
  void onlyHelpersOfTheFoldersAreRun(String name) throws IOException {
    helper("own", "touch " + folder.resolve("ran"));
    file("auth.json", "{'credHelpers':{'a.test':'" + name + "'}}");
    assertThatThrownBy(() -> find("a.test/x"))
        .isInstanceOf(ImageException.FailedPrecondition.class);
    assertThat(folder.resolve("ran")).doesNotExist();
  }

  /** Nothing of it is left, and its children are not waited for. */
  @Test
  void aHelperThatDoesNotEndIsKilled() throws IOException {
    helper("slow", "sleep 100 & echo $! > " + folder.resolve("pid") + "; sleep 100");
    CredentialProgram helper =
        CredentialProgram.find(
            "slow", List.of(folder.resolve("bin")), java.time.Duration.ofSeconds(2));
    assertThatThrownBy(() -> helper.get("a.test")).hasMessageContaining("did not end within 2 s");
    String pid = Files.readString(folder.resolve("pid")).strip();
    assertThat(isGoneSoon(pid)).isTrue();
  }

  @Test
  void aHelperThatWritesWithoutEndIsKilled() throws IOException {
    helper("loud", "cat /dev/zero");
    CredentialProgram helper =
        CredentialProgram.find(
            "loud", List.of(folder.resolve("bin")), java.time.Duration.ofSeconds(2));
    assertThatThrownBy(() -> helper.get("a.test")).hasMessageContaining("did not end within 2 s");
  }

  private static boolean isGoneSoon(String pid) throws IOException {
    for (int i = 0; i < 1200; i++) {
      Path status = Path.of("/proc", pid, "stat");
      try {
        if (Files.readString(status).contains(") Z ")) {
          return true;
        }
        Thread.sleep(50);
      } catch (java.nio.file.NoSuchFileException e) {
        return true;
      } catch (InterruptedException e) {
        throw new IOException(e);
      }
    }
    return false;
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "hunter2hunter2|not acceptable JSON",
        "{'auths':5}|auths: not an object",
        "{'auths':{'a.test':'hunter2hunter2'}}|auths.a.test: not an object",
        "{'auths':{'a.test':{'auth':'hunter2hunter2!'}}}|auths.a.test.auth: not Base64",
        "{'auths':{'a.test':{'auth':'aHVudGVyMmh1bnRlcjI='}}}|auths.a.test.auth: not Base64 of",
        "{'auths':{'a.test':{'auth':5}}}|auths.a.test.auth: not a string",
        "{'credHelpers':{'a.test':5}}|credHelpers.a.test: not a string",
      })
  void namesFileAndKeyOfAMistakeAndNoSecret(String json, String place) throws IOException {
    file("auth.json", json);
    assertThatThrownBy(() -> find("a.test/x"))
        .isInstanceOf(ImageException.FailedPrecondition.class)
        .hasMessageContaining(folder.resolve("auth.json") + ": " + place)
        .message()
        .doesNotContain(SECRET, "aHVudGVy");
  }

  @Test
  void aMistakeInAnEntryStopsNobodyElse() throws IOException {
    file("auth.json", "{'auths':{'a.test':{'auth':'!'},'b.test':%s}}".formatted(auth("b")));
    file("config.json", "{'auths':{'c.test':%s}}".formatted(auth("c")));
    assertThat(find("b.test/x")).isEqualTo(user("b"));
    assertThat(find("c.test/x")).isEqualTo(user("c"));
  }
}
