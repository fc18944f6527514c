package io.crij.image.manifest;

import io.crij.image.name.Digest;
import java.nio.charset.StandardCharsets;

/** Well-formed documents to start from. */
final class Documents {
  static final String HEX = "0123456789abcdef".repeat(4);
  static final String DIGEST = "sha256:" + HEX;

  private Documents() {}

  static String manifest() {
    return """
    {"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json",
     "config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"%1$s","size":7},
     "layers":[
       {"mediaType":"application/vnd.oci.image.layer.v1.tar+gzip","digest":"%1$s","size":1},
       {"mediaType":"application/vnd.oci.image.layer.v1.tar","digest":"%1$s","size":2,
        "urls":["http://evil.example/layer"],"annotations":{"a":"b","n":null}}],
     "annotations":{"org.opencontainers.image.title":"t"}}\
    """
        .formatted(DIGEST);
  }

  static String index() {
    return """
    {"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[
     {"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"%1$s","size":7,
      "platform":{"architecture":"amd64","os":"linux"}}]}\
    """
        .formatted(DIGEST);
  }

  static String config(String diffIds) {
    return """
    {"architecture":"amd64","os":"linux",
     "config":{"User":"1000:1000","Env":["PATH=/bin","A="],"Entrypoint":["/bin/sh","-c"],
      "Cmd":null,"WorkingDir":"/w","Labels":{"k":"v"},"Volumes":{"/data":{}},
      "StopSignal":"SIGINT","ExposedPorts":{"80/tcp":{}}},
     "rootfs":{"type":"layers","diff_ids":%s},"history":[{"created_by":"x"}]}\
    """
        .formatted(diffIds);
  }

  static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** A manifest of this configuration and so many layers. */
  static Manifest manifestOf(byte[] config, int layers) {
    Descriptor layer = new Descriptor(MediaType.OCI_LAYER, Digest.parse(DIGEST), 1);
    return new Manifest(
        MediaType.OCI_MANIFEST,
        new Descriptor(MediaType.OCI_CONFIG, Digest.sha256(config), config.length),
        java.util.Collections.nCopies(layers, layer),
        null,
        java.util.Map.of());
  }
}
