package io.crij.image.tar;

import io.crij.image.ImageException;

/** What an entry of an archive is. */
public enum TarType {
  REGULAR,
  HARD_LINK,
  SYMLINK,
  CHARACTER_DEVICE,
  BLOCK_DEVICE,
  DIRECTORY,
  FIFO;

  /** The type of a ustar flag; other types than GNU's sparse file are refused. */
  static TarType of(int flag) {
    return switch (flag) {
      case 0, '0', '7', 'S' -> REGULAR;
      case '1' -> HARD_LINK;
      case '2' -> SYMLINK;
      case '3' -> CHARACTER_DEVICE;
      case '4' -> BLOCK_DEVICE;
      case '5' -> DIRECTORY;
      case '6' -> FIFO;
      default ->
          throw new ImageException.FailedPrecondition(
              "archive holds an entry of unknown type 0x" + Integer.toHexString(flag));
    };
  }
}
