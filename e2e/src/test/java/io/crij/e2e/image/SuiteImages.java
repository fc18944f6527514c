package io.crij.e2e.image;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The images that critest asks for, by the paths it uses, and one to pull as people do.
 *
 * <p>Which there must be is decided by {@code pkg/framework} and {@code pkg/validate} of cri-tools;
 * the real ones are built from {@code images/} there and from Kubernetes' {@code test/images}.
 */
public final class SuiteImages {
  private static final String SUITE = "k8s-staging-cri-tools/";
  private static final String E2E = "e2e-test-images/";
  private static final Map<String, Object> SHELL =
      Map.of("Env", List.of(environment()), "Cmd", List.of("sh"));
  // Applets that would stand in for files of ours, or be of no use in a container.
  private static final List<String> NOT_LINKED =
      List.of("busybox", "sh", "ash", "init", "linuxrc", "pgrep", "ipcs");

  private final BaseLayers layers;
  private final Path programs;
  private final Layer busybox;

  private SuiteImages(BaseLayers layers, Path programs, Layer busybox) {
    this.layers = layers;
    this.programs = programs;
    this.busybox = busybox;
  }

  /**
   * Makes all images.
   *
   * @param debianFiles what {@code build/deb-files.sh} prints
   * @param goTools what {@code build/go-tools.sh} prints
   * @param applets what {@code busybox --list} prints
   */
  public static List<TestImage> make(Path debianFiles, Path goTools, List<String> applets)
      throws IOException {
    List<String> linked = applets.stream().filter(a -> !NOT_LINKED.contains(a)).toList();
    BaseLayers layers = new BaseLayers(new DebianFiles(debianFiles));
    return new SuiteImages(layers, goTools, layers.busybox(linked)).all();
  }

  private List<TestImage> all() throws IOException {
    List<TestImage> images = new ArrayList<>();
    images.add(shell("library/busybox:latest", null, null));
    images.add(shell(E2E + "busybox:1.29-2", null, null));
    addUsers(images);
    for (String name : List.of("1", "2", "3", "latest", "digest")) {
      images.add(shell(SUITE + "test-image-" + name + ":latest", name, null));
    }
    // One image of three names, and two images of one repository.
    for (String tag : List.of("1", "2", "3")) {
      images.add(shell(SUITE + "test-image-tags:" + tag, "same", null));
    }
    for (String tag : List.of("test", "all")) {
      images.add(shell(SUITE + "test-image-tag:" + tag, tag, null));
    }
    addServers(images);
    images.add(nonewprivs());
    images.add(pause());
    return images;
  }

  private void addUsers(List<TestImage> images) throws IOException {
    images.add(shell(SUITE + "test-image-user-uid:latest", null, "1002"));
    images.add(shell(SUITE + "test-image-user-username:latest", null, "www-data"));
    images.add(shell(SUITE + "test-image-user-uid-group:latest", null, "1003:1004"));
    images.add(shell(SUITE + "test-image-user-username-group:latest", null, "www-data:1004"));
    Tar users =
        new Tar()
            .folder("home/default-user", 0755, 1000)
            .file(
                "etc/passwd",
                BaseLayers.PASSWD + "default-user:x:1000:1000::/home/default-user:/bin/sh\n",
                0644)
            .file(
                "etc/group",
                BaseLayers.GROUP
                    + "default-user:x:1000:\ngroup-defined-in-image:x:50000:default-user\n",
                0644);
    images.add(
        TestImage.of(
            SUITE + "test-image-predefined-group:latest",
            List.of(busybox, Layer.of(users)),
            with(SHELL, "User", "1000")));
  }

  private void addServers(List<TestImage> images) throws IOException {
    Map<String, Object> nginx =
        Map.of(
            "Env", List.of(environment()),
            "Cmd", List.of("nginx", "-g", "daemon off;"),
            "StopSignal", "SIGQUIT");
    images.add(
        TestImage.of(
            E2E + "nginx:1.14-2",
            List.of(busybox, layers.nginx(80)),
            with(nginx, "ExposedPorts", Map.of("80/tcp", Map.of()))));
    images.add(
        TestImage.of(
            SUITE + "hostnet-nginx-amd64:latest",
            List.of(busybox, layers.nginx(12003)),
            with(nginx, "ExposedPorts", Map.of("12003/tcp", Map.of()))));
    // Its first line is what the suite waits for in the log, as Apache writes it.
    String httpd =
        "echo \"Command line: 'httpd -D FOREGROUND'\" >&2; exec httpd -f -v -p 80 -h /www";
    Tar page = new Tar().folders("www").file("www/index.html", "<h1>It works!</h1>\n", 0644);
    images.add(
        TestImage.of(
            E2E + "httpd:2.4.39-4",
            List.of(busybox, Layer.of(page)),
            Map.of(
                "Env", List.of(environment()),
                "Cmd", List.of("sh", "-c", httpd),
                "ExposedPorts", Map.of("80/tcp", Map.of()))));
  }

  private TestImage nonewprivs() throws IOException {
    Layer program = Layer.of(new Tar().copy("nnp", programs.resolve("nonewprivs"), 04755));
    return TestImage.of(
        E2E + "nonewprivs:1.3",
        List.of(busybox, program),
        Map.of("Env", List.of(environment()), "Entrypoint", List.of("/nnp")));
  }

  private TestImage pause() throws IOException {
    Layer program = Layer.of(new Tar().copy("pause", programs.resolve("pause"), 0755));
    return TestImage.of(
        "pause:3.9",
        List.of(program),
        Map.of(
            "Env", List.of(environment()),
            "Entrypoint", List.of("/pause"),
            "User", "65535:65535"));
  }

  private TestImage shell(String name, @Nullable String mark, @Nullable String user)
      throws IOException {
    List<Layer> stack = new ArrayList<>(List.of(busybox));
    if (mark != null) {
      stack.add(BaseLayers.mark("image-" + mark));
    }
    return TestImage.of(name, stack, user == null ? SHELL : with(SHELL, "User", user));
  }

  private static Map<String, Object> with(Map<String, Object> config, String key, Object value) {
    Map<String, Object> more = new HashMap<>(config);
    more.put(key, value);
    return more;
  }

  private static String environment() {
    return "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
  }
}
