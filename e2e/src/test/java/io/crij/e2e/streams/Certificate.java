package io.crij.e2e.streams;

import io.crij.e2e.program.Command;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;

/** A certificate of 127.0.0.1 and its key, in PEM files. */
public record Certificate(Path certificate, Path key) {
  /** Makes one that vouches for itself, and for those that it issues. */
  public static Certificate authority(Path folder, String name) {
    Certificate made =
        new Certificate(folder.resolve(name + ".crt"), folder.resolve(name + ".key"));
    made.make(name, List.of());
    return made;
  }

  /** Makes one that this one vouches for. */
  public Certificate issue(String name) {
    Certificate issued =
        new Certificate(key.resolveSibling(name + ".crt"), key.resolveSibling(name + ".key"));
    issued.make(name, List.of("-CA", certificate.toString(), "-CAkey", key.toString()));
    return issued;
  }

  private void make(String name, List<String> signer) {
    List<String> words = new ArrayList<>(List.of("openssl", "req", "-x509", "-nodes"));
    words.addAll(List.of("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"));
    words.addAll(List.of("-subj", "/CN=" + name, "-addext", "subjectAltName=IP:127.0.0.1"));
    words.addAll(List.of("-keyout", key.toString(), "-out", certificate.toString()));
    words.addAll(signer);
    Command.of(words.toArray(String[]::new)).run();
  }

  /** Puts the files of another in the place of this one's, as whoever renews it. */
  public void replaceBy(Certificate other) throws IOException {
    replace(other.key, key);
    replace(other.certificate, certificate);
  }

  private static void replace(Path from, Path to) throws IOException {
    Path next = to.resolveSibling("next");
    Files.copy(from, next);
    Files.move(next, to, StandardCopyOption.REPLACE_EXISTING);
  }
}
