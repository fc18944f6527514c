package io.crij.image.registry.auth;

import io.crij.image.ImageException;
import io.crij.image.RegistryConfig.CredentialSources;
import io.crij.image.registry.conf.RegistriesConf;
import io.crij.image.registry.conf.RegistriesFiles;
import io.crij.image.registry.hosts.Endpoint;
import io.crij.image.registry.hosts.RegistryHost;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What this node knows of registries: files of credentials and helpers, in the order that {@code
 * credential-helpers} of registries.conf gives. Read anew each time a host wants to know who asks.
 */
public final class NodeCredentials {
  private static final Duration HELPER_LIMIT = Duration.ofSeconds(30);

  private final CredentialSources sources;
  private final RegistriesFiles files;

  public NodeCredentials(CredentialSources sources, RegistriesFiles files) {
    this.sources = sources;
    this.files = files;
  }

  /**
   * What is known for this image at this host, first by some files of its own. A host goes by its
   * own name; the registry of a location also by the name of that location, wherever it really is.
   *
   * @param own of this pull; asked before all others
   * @return none if nothing is known
   * @throws ImageException.FailedPrecondition if nothing is found and a source cannot be used; it
   *     names the source and no secret
   */
  public Credentials find(Endpoint endpoint, List<Path> own) {
    RegistryHost host = endpoint.host();
    Set<String> names = new LinkedHashSet<>();
    if (host.upstream()) {
      names.add(endpoint.reference().name());
    }
    names.add(host.base().getRawAuthority() + "/" + endpoint.reference().path());
    List<String> problems = new ArrayList<>();
    for (String name : names) {
      try {
        Credentials credentials = findInFiles(name, own);
        if (!credentials.equals(Credentials.NONE)) {
          return credentials;
        }
      } catch (ImageException.FailedPrecondition e) {
        problems.add(String.valueOf(e.getMessage()));
      }
    }
    for (String helper : files.read().credentialHelpers()) {
      for (String name : names) {
        try {
          Credentials credentials =
              helper.equals(RegistriesConf.AUTH_FILES)
                  ? findInFiles(name, sources.authFiles())
                  : ask(new AuthFile.HelperQuestion(helper, registry(name)));
          if (!credentials.equals(Credentials.NONE)) {
            return credentials;
          }
        } catch (ImageException.FailedPrecondition e) {
          problems.add(String.valueOf(e.getMessage()));
        }
      }
    }
    if (!problems.isEmpty()) {
      throw new ImageException.FailedPrecondition(
          "wants credentials, and they cannot be read: " + String.join("; ", problems));
    }
    return Credentials.NONE;
  }

  /** The first file that knows any counts. */
  private Credentials findInFiles(String name, List<Path> paths) {
    String registry = registry(name);
    for (Path path : paths) {
      AuthFile file = AuthFile.read(path);
      if (file == null) {
        continue;
      }
      AuthFile.@Nullable HelperQuestion helper = file.helper(registry);
      Credentials credentials = helper == null ? file.find(name) : ask(helper);
      AuthFile.@Nullable HelperQuestion store = file.store(registry);
      if (helper == null && store != null && credentials.equals(Credentials.NONE)) {
        credentials = ask(store);
      }
      if (!credentials.equals(Credentials.NONE)) {
        return credentials;
      }
    }
    return Credentials.NONE;
  }

  private Credentials ask(AuthFile.HelperQuestion question) {
    return CredentialProgram.find(question.helper(), sources.helperDirs(), HELPER_LIMIT)
        .get(question.server());
  }

  private static String registry(String name) {
    return name.substring(0, name.indexOf('/'));
  }
}
