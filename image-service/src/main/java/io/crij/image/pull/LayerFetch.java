package io.crij.image.pull;

import io.crij.image.ImageException;
import io.crij.image.download.PulledBlob;
import io.crij.image.layer.LayerStore;
import io.crij.image.records.LayerRow;
import io.crij.image.unpack.LayerSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Gets all layers of an image at once; the first failure ends the others. */
final class LayerFetch {
  private final LayerStore.Lease lease;

  LayerFetch(LayerStore.Lease lease) {
    this.lease = lease;
  }

  List<LayerRow> fetch(List<LayerSource> sources) {
    try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
      ExecutorCompletionService<LayerRow> completed = new ExecutorCompletionService<>(executor);
      List<Future<LayerRow>> layers = new ArrayList<>();
      for (LayerSource source : sources) {
        layers.add(completed.submit(() -> get(source)));
      }
      try {
        for (int i = 0; i < layers.size(); i++) {
          completed.take().get();
        }
        return layers.stream().map(Future::resultNow).toList();
      } catch (InterruptedException e) {
        executor.shutdownNow();
        Thread.currentThread().interrupt();
        throw new ImageException.Unavailable("interrupted", e);
      } catch (ExecutionException e) {
        executor.shutdownNow();
        if (e.getCause() instanceof ImageException cause) {
          throw cause;
        }
        throw new ImageException.Internal("fetch layers: " + e.getMessage(), e);
      }
    }
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
