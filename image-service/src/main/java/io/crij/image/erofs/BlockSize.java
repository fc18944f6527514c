package io.crij.image.erofs;

/**
 * The unit of addresses in an image. Images of layers have that of their archives.
 *
 * @param bits the logarithm of its bytes
 */
record BlockSize(int bits) {
  static final BlockSize OF_TAR = new BlockSize(9);

  int bytes() {
    return 1 << bits;
  }

  /** How many blocks so many bytes take. */
  long blocks(long count) {
    return (count + bytes() - 1) >> bits;
  }

  long roundUp(long position) {
    return blocks(position) << bits;
  }

  /** How many bytes are left in the block at this position. */
  int leftAt(long position) {
    return bytes() - (int) (position & (bytes() - 1));
  }

  boolean isAligned(long position) {
    return leftAt(position) == bytes();
  }
}
