package io.crij.image.usage;

import io.crij.image.records.ContentRecords;
import io.crij.image.records.ImageRow;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.BaseUnits;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.Locale;

/** How much there is in the image store, summed up from the records when somebody looks. */
public final class StoreMeters implements MeterBinder {
  private final ContentRecords records;

  public StoreMeters(ContentRecords records) {
    this.records = records;
  }

  @Override
  public void bindTo(MeterRegistry registry) {
    Gauge.builder("crij.image.store.size", records, r -> r.usage().bytes())
        .description("What images take on the disk")
        .baseUnit(BaseUnits.BYTES)
        .strongReference(true)
        .register(registry);
    Gauge.builder("crij.image.store.inodes", records, r -> r.usage().inodes())
        .description("Inodes that images take on the disk")
        .strongReference(true)
        .register(registry);
    Gauge.builder("crij.image.store.layers", records, ContentRecords::layerCount)
        .description("Layers in the store")
        .strongReference(true)
        .register(registry);
    for (ImageRow.Kind kind : ImageRow.Kind.values()) {
      Gauge.builder("crij.image.store.images", records, r -> r.count(kind))
          .description("Images and artifacts that this node knows, additional stores included")
          .tag("kind", kind.name().toLowerCase(Locale.ROOT))
          .strongReference(true)
          .register(registry);
    }
  }
}
