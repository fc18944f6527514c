package io.crij.image.records;

import io.crij.records.Schema;
import java.util.List;

/** The tables of this package. */
public final class ImageTables {
  public static final Schema SCHEMA =
      new Schema(
          "images",
          List.of(
              """
              CREATE TABLE images (
                id TEXT PRIMARY KEY,             -- digest of the image's configuration
                manifest TEXT NOT NULL,          -- digest of its manifest, a blob
                media_type TEXT NOT NULL,        -- of the manifest
                user TEXT NOT NULL,              -- of its configuration
                size_bytes INTEGER NOT NULL,
                fixup INTEGER NOT NULL,          -- whether it has a layer of its own on top
                pinned INTEGER NOT NULL DEFAULT 0);
              CREATE TABLE names (
                name TEXT PRIMARY KEY,
                image TEXT NOT NULL REFERENCES images ON DELETE CASCADE,
                is_tag INTEGER NOT NULL,
                requested INTEGER NOT NULL);     -- pulled by this very name
              CREATE INDEX names_of_image ON names (image);
              CREATE TABLE layers (
                diff_id TEXT PRIMARY KEY,
                archive_bytes INTEGER NOT NULL,
                disk_bytes INTEGER NOT NULL,
                inodes INTEGER NOT NULL);
              CREATE TABLE image_layers (
                image TEXT NOT NULL REFERENCES images ON DELETE CASCADE,
                position INTEGER NOT NULL,       -- 0 is the lowest
                diff_id TEXT NOT NULL REFERENCES layers,
                PRIMARY KEY (image, position));
              CREATE INDEX images_of_layer ON image_layers (diff_id);
              CREATE TABLE blobs (
                image TEXT NOT NULL REFERENCES images ON DELETE CASCADE,
                digest TEXT NOT NULL,
                size_bytes INTEGER NOT NULL,
                PRIMARY KEY (image, digest));
              CREATE TABLE rootfs_users (
                container TEXT PRIMARY KEY,
                image TEXT NOT NULL REFERENCES images);
              CREATE INDEX rootfs_users_of_image ON rootfs_users (image);
              """,
              """
              -- Times are in milliseconds since 1970.
              ALTER TABLE images ADD COLUMN kind TEXT NOT NULL DEFAULT 'IMAGE'; -- or ARTIFACT
              ALTER TABLE images ADD COLUMN created_at INTEGER NOT NULL DEFAULT 0;
              ALTER TABLE images ADD COLUMN used_at INTEGER NOT NULL DEFAULT 0;
              ALTER TABLE images ADD COLUMN damaged INTEGER NOT NULL DEFAULT 0;
              ALTER TABLE layers ADD COLUMN created_at INTEGER NOT NULL DEFAULT 0;
              ALTER TABLE layers ADD COLUMN state TEXT NOT NULL DEFAULT 'WHOLE';
              CREATE TABLE volume_users (
                container TEXT NOT NULL,
                position INTEGER NOT NULL,       -- among the container's mounts
                image TEXT NOT NULL REFERENCES images,
                PRIMARY KEY (container, position));
              CREATE INDEX volume_users_of_image ON volume_users (image);
              CREATE VIEW image_users AS
                SELECT container, image FROM rootfs_users
                UNION SELECT container, image FROM volume_users;
              """,
              """
              -- what the layer is on the disk: io.crij.image.LayerKind
              ALTER TABLE layers ADD COLUMN kind TEXT NOT NULL DEFAULT 'DIRECTORY';
              """,
              """
              -- the folder of the additional store that has it; empty for this node's own
              ALTER TABLE images ADD COLUMN store TEXT NOT NULL DEFAULT '';
              ALTER TABLE layers ADD COLUMN store TEXT NOT NULL DEFAULT '';
              """));

  private ImageTables() {}
}
