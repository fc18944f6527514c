package io.crij.image.pull;

import io.crij.image.ImageException;
import io.crij.image.download.PulledBlob;
import io.crij.image.layer.LayerStore;
import io.crij.image.records.LayerRow;
import io.crij.image.unpack.LayerSource;
import io.crij.image.work.AllAtOnce;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;

/** Gets all layers of an image at once; the first failure ends the others. */
final class LayerFetch {
  private final LayerStore.Lease lease;

  LayerFetch(LayerStore.Lease lease) {
    this.lease = lease;
  }

  List<LayerRow> fetch(List<LayerSource> sources) {
    List<Callable<LayerRow>> fetches = new ArrayList<>();
    sources.forEach(source -> fetches.add(() -> get(source)));
    return AllAtOnce.run("fetch layers", fetches);
  }

  private LayerRow get(LayerSource source) {
    while (true) {
      try {
        return lease.get(source);
      } catch (ImageException e) {
        if (!(source.blob() instanceof PulledBlob pulled && pulled.canRetry())) {
          throw e;
        }
      }
    }
  }
}
