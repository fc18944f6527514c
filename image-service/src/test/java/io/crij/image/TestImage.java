package io.crij.image;

import io.crij.image.manifest.MediaType;
import io.crij.image.name.Digest;
import io.crij.image.unpack.TestLayers;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** An image made of archives: its documents and blobs. */
final class TestImage {
  private final Map<Digest, byte[]> blobs = new LinkedHashMap<>();
  private final byte[] config;
  private final byte[] manifest;
  private final List<Digest> layers;

  private TestImage(byte[] config, byte[] manifest, List<byte[]> layers) {
    this.config = config;
    this.manifest = manifest;
    this.layers = layers.stream().map(Digest::sha256).toList();
    layers.forEach(this::add);
    add(config);
    add(manifest);
  }

  /** An image whose layers are these archives, lowest first. */
  static TestImage of(String user, byte[]... archives) {
    List<Digest> diffIds = Arrays.stream(archives).map(Digest::sha256).toList();
    return withDiffIds(user, diffIds, Arrays.stream(archives).map(TestLayers::gzip).toList());
  }

  /** An artifact of files with these titles; an empty title is none. */
  static TestImage artifact(Map<String, byte[]> files) {
    byte[] config = bytes("{}");
    byte[] manifest =
        bytes(
            "{\"schemaVersion\":2,\"mediaType\":\"%s\",\"artifactType\":\"%s\",\"config\":%s,\"layers\":[%s]}"
                .formatted(
                    MediaType.OCI_MANIFEST,
                    "application/vnd.example.data",
                    descriptor("application/vnd.oci.empty.v1+json", config, ""),
                    files.entrySet().stream()
                        .map(e -> descriptor("text/plain", e.getValue(), title(e.getKey())))
                        .collect(Collectors.joining(","))));
    return new TestImage(config, manifest, List.copyOf(files.values()));
  }

  private static String title(String title) {
    return title.isEmpty()
        ? ""
        : ",\"annotations\":{\"org.opencontainers.image.title\":\"" + title + "\"}";
  }

  /** An image of one layer, with the beginnings of more fields in its documents. */
  static TestImage described(String configFields, String manifestFields, byte[] archive) {
    return make(
        "\"User\":\"\"," + configFields,
        manifestFields,
        List.of(Digest.sha256(archive)),
        List.of(TestLayers.gzip(archive)));
  }

  /** An image whose configuration says this of its layers. */
  static TestImage withDiffIds(String user, List<Digest> diffIds, List<byte[]> layers) {
    return make("\"User\":\"" + user + "\",\"Env\":[\"A=b\"]", "", diffIds, layers);
  }

  private static TestImage make(
      String configFields, String manifestFields, List<Digest> diffIds, List<byte[]> layers) {
    byte[] config =
        bytes(
            """
            {"architecture":"amd64","os":"linux","config":{%s},
             "rootfs":{"type":"layers","diff_ids":[%s]}}\
            """
                .formatted(
                    configFields,
                    diffIds.stream().map(d -> "\"" + d + "\"").collect(Collectors.joining(","))));
    byte[] manifest =
        bytes(
            """
            {"schemaVersion":2,"mediaType":"%s","config":%s,"layers":[%s]%s}\
            """
                .formatted(
                    MediaType.OCI_MANIFEST,
                    descriptor(MediaType.OCI_CONFIG, config, ""),
                    layers.stream()
                        .map(l -> descriptor(MediaType.OCI_LAYER_GZIP, l, ""))
                        .collect(Collectors.joining(",")),
                    manifestFields));
    return new TestImage(config, manifest, layers);
  }

  /** An index of images, each with the rest of its descriptor, e.g. its platform. */
  static byte[] index(Map<TestImage, String> images) {
    return bytes(
        "{\"schemaVersion\":2,\"mediaType\":\"%s\",\"manifests\":[%s]}"
            .formatted(
                MediaType.OCI_INDEX,
                images.entrySet().stream()
                    .map(e -> descriptor(MediaType.OCI_MANIFEST, e.getKey().manifest, e.getValue()))
                    .collect(Collectors.joining(","))));
  }

  static String platform(String architecture) {
    return ",\"platform\":{\"os\":\"linux\",\"architecture\":\"" + architecture + "\"}";
  }

  Digest id() {
    return Digest.sha256(config);
  }

  Digest manifestDigest() {
    return Digest.sha256(manifest);
  }

  byte[] manifest() {
    return manifest.clone();
  }

  Digest layer(int index) {
    return layers.get(index);
  }

  Map<Digest, byte[]> blobs() {
    return Map.copyOf(blobs);
  }

  /** Writes an OCI image layout whose index says {@code annotations} of this image. */
  void writeLayout(Path folder, String annotations) throws IOException {
    Path sha256 = Files.createDirectories(folder.resolve("blobs/sha256"));
    for (Map.Entry<Digest, byte[]> blob : blobs.entrySet()) {
      Files.write(sha256.resolve(blob.getKey().hex()), blob.getValue());
    }
    Files.writeString(folder.resolve("oci-layout"), "{\"imageLayoutVersion\":\"1.0.0\"}");
    Files.write(
        folder.resolve("index.json"),
        index(Map.of(this, ",\"annotations\":{" + annotations + "}")));
  }

  private void add(byte[] blob) {
    blobs.put(Digest.sha256(blob), blob);
  }

  private static String descriptor(String mediaType, byte[] content, String rest) {
    return "{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":%d%s}"
        .formatted(mediaType, Digest.sha256(content), content.length, rest);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
