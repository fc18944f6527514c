package io.crij.image.layer;

import io.crij.image.ImageException;
import io.crij.image.ImageStoreConfig.LayerFormat;
import io.crij.image.changeset.UnpackLimits;
import io.crij.image.disk.DiskFailure;
import io.crij.image.disk.PrivateFolder;
import io.crij.image.disk.Trash;
import io.crij.image.erofs.TreeMemory;
import io.crij.image.name.Digest;
import io.crij.image.progress.LayerProgress;
import io.crij.image.progress.Stage;
import io.crij.image.records.LayerRecords;
import io.crij.image.records.LayerRow;
import io.crij.image.unpack.LayerFolder;
import io.crij.image.unpack.LayerMaker;
import io.crij.image.unpack.LayerSource;
import io.crij.image.unpack.UnpackedLayer;
import io.crij.image.work.SharedWork;
import io.crij.image.work.Slots;
import io.crij.linux.Fd;
import io.crij.linux.tree.Landlock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The committed layers. A layer is recorded after its folder is whole and on the disk, so a folder
 * without a record is the rest of a crash.
 */
public final class LayerStore implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(LayerStore.class);

  private static final String FOLDER = "layers";

  /** Of all memory, for the trees of layers being made. */
  private static final int SHARE_OF_MEMORY = 4;

  private final Path folder;
  private final LayerRecords records;
  private final Trash trash;
  private final LayerMaker maker;
  private final Slots making;
  private final SharedWork<Digest, LayerRow> work =
      new SharedWork<>(Thread.ofPlatform().daemon().name("layer-", 0).factory());

  /** Where the layers stand that are being made. */
  private final Map<Digest, LayerProgress> underWay = new ConcurrentHashMap<>();

  /** Guards {@code leases}, and that no layer is leased while unused ones are taken away. */
  private final ReentrantLock lock = new ReentrantLock();

  private final Map<Digest, Integer> leases = new HashMap<>();

  private LayerStore(
      Path folder, LayerRecords records, Trash trash, LayerMaker maker, Slots making) {
    this.folder = folder;
    this.records = records;
    this.trash = trash;
    this.maker = maker;
    this.making = making;
  }

  /**
   * Opens the layers below the store's root, and takes away what a crash left.
   *
   * @param format of layers that are made from now on
   * @param most made at the same time
   */
  public static LayerStore open(
      Path root, LayerRecords records, Trash trash, LayerFormat format, int most)
      throws IOException {
    Path folder = PrivateFolder.create(root.resolve(FOLDER));
    TreeMemory memory = new TreeMemory(Runtime.getRuntime().maxMemory() / SHARE_OF_MEMORY);
    LayerMaker maker =
        new LayerMaker(UnpackLimits.DEFAULT, memory, ErofsProbe.choose(format, folder));
    LayerStore store = new LayerStore(folder, records, trash, maker, new Slots(most));
    if (!Landlock.isAvailable()) {
      log.warn("no Landlock on this node: layers are unpacked without this second barrier");
    }
    store.findLost();
    store.takeOrphans();
    return store;
  }

  /** A disk that is not mounted may come back, so the records of lost layers stay. */
  private void findLost() {
    for (LayerRow layer : records.list()) {
      boolean isThere = get(layer).isWhole(layer);
      if (isThere && !layer.store().isEmpty()) {
        // Whether an additional store is used at all was recorded with what it has.
        continue;
      }
      List<String> images = records.setThere(layer.diffId(), isThere);
      if (!images.isEmpty()) {
        log.warn(
            "layer {} {}: images {}",
            layer.diffId(),
            isThere
                ? "is there again"
                : "has no files: until they are pulled again, not listed are",
            images);
      }
    }
  }

  private void takeOrphans() throws IOException {
    Set<String> known = new HashSet<>();
    for (LayerRow layer : records.list()) {
      if (layer.store().isEmpty()) {
        known.add(layer.diffId().hex());
      }
    }
    try (Stream<Path> there = Files.list(folder)) {
      there.filter(path -> !known.contains(path.getFileName().toString())).forEach(trash::take);
    }
  }

  private LayerFolder folder(Digest diffId) {
    return new LayerFolder(folder.resolve(diffId.hex()));
  }

  /** A layer that is recorded. */
  public Layer get(LayerRow row) {
    return Layer.of(row.kind(), row.store().isEmpty() ? folder(row.diffId()) : inStore(row));
  }

  /** Where an additional store has it. */
  public static LayerFolder inStore(LayerRow row) {
    return new LayerFolder(Path.of(row.store()).resolve(FOLDER).resolve(row.diffId().hex()));
  }

  /** The layers of an image that is recorded, lowest first; one may come more than once. */
  public List<Layer> ofImage(Digest image) {
    return records.ofImage(image).stream().map(this::get).toList();
  }

  /**
   * {@link #ofImage}, after a look whether they are there: what of a file was cut off would read as
   * zeros.
   *
   * @throws ImageException.NotFound when one is not; from then on the image is not listed until it
   *     is pulled again
   */
  public List<Layer> wholeOfImage(Digest image) {
    List<Layer> layers = new ArrayList<>();
    for (LayerRow row : records.ofImage(image)) {
      Layer layer = get(row);
      if (!layer.isWhole(row)) {
        List<String> images = records.setThere(row.diffId(), false);
        log.error("layer {} is lost or cut off: images {} are not listed", row.diffId(), images);
        throw new ImageException.NotFound(
            "image %s: layer %s is lost or cut off at %s: pull the image again"
                .formatted(image, row.diffId(), layer.files().path()));
      }
      layers.add(layer);
    }
    return layers;
  }

  /**
   * Layers that are held.
   *
   * @throws ImageException.NotFound when one is not there
   */
  public List<Layer> get(List<Digest> diffIds) {
    List<Layer> layers = new ArrayList<>();
    for (Digest diffId : diffIds) {
      LayerRow row = records.find(diffId);
      if (row == null) {
        throw new ImageException.NotFound("layer " + diffId + " is not on this node");
      }
      layers.add(get(row));
    }
    return layers;
  }

  /** A hold on layers, for a pull: until it is closed, those it got are not taken away. */
  public Lease lease() {
    return new Lease();
  }

  /** Takes away the layers that no image has and no lease holds. */
  public void collect() {
    lock.lock();
    try {
      for (Digest diffId : records.forgetUnused(leases.keySet())) {
        log.info("remove unused layer {}", diffId);
        trash.take(folder(diffId).path());
      }
    } finally {
      lock.unlock();
    }
  }

  /** Ends what is being made. */
  @Override
  public void close() {
    work.close();
  }

  /** Layers that are kept. Used by several threads at once. */
  public final class Lease implements AutoCloseable {
    private final Set<Digest> held = new HashSet<>();

    private Lease() {}

    /**
     * Gets a layer, made from {@code source} unless it is there already.
     *
     * @throws ImageException for what the source answers or serves, ResourceExhausted when the disk
     *     is full
     */
    public LayerRow get(LayerSource source) {
      Digest diffId = source.diffId();
      hold(diffId);
      LayerRow there = records.find(diffId);
      if (there != null) {
        source.progress().enter(Stage.EXISTS);
        return there;
      }
      AtomicBoolean ours = new AtomicBoolean();
      try {
        return make(source, ours);
      } catch (ImageException e) {
        if (ours.get() || Thread.currentThread().isInterrupted()) {
          throw e;
        }
        log.debug("another pull did not get layer {}: {}", diffId, e.getMessage());
        return make(source, ours);
      }
    }

    private void hold(Digest diffId) {
      lock.lock();
      try {
        if (held.add(diffId)) {
          leases.merge(diffId, 1, Integer::sum);
        }
      } finally {
        lock.unlock();
      }
    }

    @Override
    public void close() {
      lock.lock();
      try {
        for (Digest diffId : held) {
          leases.computeIfPresent(diffId, (_, count) -> count == 1 ? null : count - 1);
        }
        held.clear();
      } finally {
        lock.unlock();
      }
    }
  }

  private LayerRow make(LayerSource source, AtomicBoolean ours) {
    LayerProgress progress = source.progress();
    LayerProgress leader = underWay.putIfAbsent(source.diffId(), progress);
    progress.follow(leader == null ? progress : leader);
    try {
      LayerRow made =
          work.run(
              source.diffId(),
              () -> {
                ours.set(true);
                progress.follow(progress);
                LayerRow there = records.find(source.diffId());
                return there != null ? there : makeNow(source);
              });
      progress.follow(progress);
      progress.enter(Stage.DONE);
      return made;
    } finally {
      underWay.remove(source.diffId(), progress);
    }
  }

  private LayerRow makeNow(LayerSource source) throws InterruptedException {
    LayerFolder made = new LayerFolder(folder.resolve(".new-" + UUID.randomUUID()));
    try (Slots.Slot _ = making.acquire(source.progress()::priority)) {
      PrivateFolder.create(made.path());
      UnpackedLayer unpacked = maker.make(source, made);
      return commit(source.diffId(), made, unpacked);
    } catch (IOException e) {
      throw DiskFailure.of("make layer " + source.diffId(), e);
    } finally {
      trash.take(made.path());
    }
  }

  private LayerRow commit(Digest diffId, LayerFolder made, UnpackedLayer unpacked)
      throws IOException {
    Path target = folder(diffId).path();
    trash.take(target);
    Files.move(made.path(), target, StandardCopyOption.ATOMIC_MOVE);
    try (Fd parent = Fd.open(folder.toString(), Fd.O_RDONLY | Fd.O_DIRECTORY, 0)) {
      parent.sync();
    }
    LayerRow row =
        new LayerRow(
            diffId,
            unpacked.kind(),
            unpacked.archiveBytes(),
            unpacked.diskBytes(),
            unpacked.inodes());
    records.commit(row);
    return row;
  }
}
