/**
 * How blocks are laid out for sending: an image is whole `piece` messages (BEP 3) one behind the other, each a
 * header of 13 bytes (length, id 7, index, begin) and a block of 16 KiB, the piece's last perhaps shorter.
 */
export const BLOCK_HEADER_BYTES = 13

/** Blocks in one image, counted from the piece's first: what a slow peer's socket may pin is 256 KiB. */
export const BLOCKS_PER_IMAGE = 16

/** Images that are read at once, when memory allows: 1 MiB is what disks like. */
export const IMAGES_PER_READ = 4
