package io.crij.image.erofs;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * The begin of an image: the super block, and the table of devices with the archive as its one. It
 * has no checksum: erofs-utils read beyond their memory if blocks are smaller than a super block
 * (1.8.6).
 */
final class SuperBlock {
  private static final int MAGIC = 0xE0F5E1E2;
  private static final int COMPATIBLE_MTIME = 0x2;
  private static final int INCOMPATIBLE_CHUNKED_FILE = 0x4;
  private static final int INCOMPATIBLE_DEVICE_TABLE = 0x8;
  private static final int TAG_BYTES = 64;

  private SuperBlock() {}

  /**
   * Writes it.
   *
   * @param tag 64 characters for people, kept with the device
   */
  static void write(
      ImageLayout layout, Inode root, long archiveBlocks, String tag, ErofsImage.ImageFile out) {
    int size = layout.blocks().bytes();
    int end = Math.max(size, ImageLayout.DEVICE_SLOT + ImageLayout.DEVICE_SLOT_BYTES);
    byte[] block = new byte[(int) layout.blocks().roundUp(end)];
    ByteBuffer bytes = ByteBuffer.wrap(block).order(ByteOrder.LITTLE_ENDIAN);
    bytes.position(ImageLayout.SUPER_BLOCK);
    putSuperBlock(layout, root, bytes);
    byte[] name = tag.getBytes(StandardCharsets.US_ASCII);
    bytes.position(ImageLayout.DEVICE_SLOT);
    bytes.put(name, 0, Math.min(name.length, TAG_BYTES));
    bytes.putInt(ImageLayout.DEVICE_SLOT + TAG_BYTES, (int) archiveBlocks);
    bytes.putInt(ImageLayout.DEVICE_SLOT + TAG_BYTES + 4, (int) layout.archiveBlock());
    out.write(0, block, block.length);
  }

  private static void putSuperBlock(ImageLayout layout, Inode root, ByteBuffer bytes) {
    int features = INCOMPATIBLE_DEVICE_TABLE;
    features |= layout.hasChunks() ? INCOMPATIBLE_CHUNKED_FILE : 0;
    bytes.putInt(MAGIC).putInt(0).putInt(COMPATIBLE_MTIME);
    bytes.put((byte) layout.blocks().bits()).put((byte) 0);
    bytes.putShort((short) ImageLayout.number(root)).putLong(layout.inodes().size());
    // Inodes have their own times; metadata begins at block 0; no shared attributes.
    bytes.putLong(0).putInt(0).putInt((int) layout.totalBlocks()).putInt(0).putInt(0);
    // No identifier, no name: equal archives have equal images.
    bytes.putLong(0).putLong(0).putLong(0).putLong(0);
    bytes.putInt(features).putShort((short) 0).putShort((short) 1);
    bytes.putShort((short) (ImageLayout.DEVICE_SLOT / ImageLayout.DEVICE_SLOT_BYTES));
  }
}
