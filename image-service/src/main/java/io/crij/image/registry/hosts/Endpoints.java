package io.crij.image.registry.hosts;

import io.crij.image.ImageException;
import io.crij.image.RegistryConfig;
import io.crij.image.name.ImageReference;
import io.crij.image.registry.conf.Location;
import io.crij.image.registry.conf.RegistriesFiles;
import java.util.ArrayList;
import java.util.List;

/**
 * Which hosts serve an image: registries.conf says at which locations it is, and for each of them
 * the folders of registries say how to reach it, mirrors of that location included.
 */
public final class Endpoints {
  private final RegistriesFiles files;
  private final HostsDirectory directory;

  public Endpoints(RegistryConfig config, RegistriesFiles files) {
    this.files = files;
    this.directory = new HostsDirectory(config.hostsDirs());
  }

  /**
   * The hosts in the order they are to be asked; the registry itself is the last.
   *
   * @throws ImageException.PermissionDenied if pulling this image is forbidden
   * @throws ImageException.FailedPrecondition naming the file and line that is malformed
   */
  public List<Endpoint> of(ImageReference reference) {
    List<Endpoint> endpoints = new ArrayList<>();
    for (Location location : files.read().locations(reference)) {
      ImageReference there = location.reference();
      for (RegistryHost host : directory.hosts(there.domain(), location.insecure())) {
        endpoints.add(new Endpoint(host, there, location.primary() && host.upstream()));
      }
    }
    return endpoints;
  }

  /**
   * The registry itself: "Redirection and mirrors are currently processed only when reading images,
   * not when pushing".
   *
   * @throws ImageException as {@link #of}
   */
  public Endpoint forPush(ImageReference reference) {
    Location location = files.read().ownLocation(reference);
    RegistryHost host = directory.hosts(reference.domain(), location.insecure()).getLast();
    return new Endpoint(host, reference, true);
  }
}
