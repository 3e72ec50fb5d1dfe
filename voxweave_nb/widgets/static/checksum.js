// CRC-32 as in zlib. The kernel compares it to find damaged, lost and swapped pieces.
//
// Not crypto.subtle: browsers offer it on https and localhost only, and notebooks are often served over plain http, so a
// second implementation would be needed as well. The checksum is against accidents, not attacks: somebody who can change
// a piece can change its checksum, too. For accidents 32 bits suffice, and Python has CRC-32 in zlib.

const POLYNOMIAL = 0xedb88320;

// Four tables of 256 values, for a byte that is followed by none, one, two and three others: four bytes at a time are
// nearly three times as fast as one.
const TABLES = new Uint32Array(4 * 256);
for (let byte = 0; byte < 256; byte++) {
  let value = byte;
  for (let bit = 0; bit < 32; bit++) {
    value = value & 1 ? (value >>> 1) ^ POLYNOMIAL : value >>> 1;
    if (bit % 8 === 7) TABLES[(bit >> 3) * 256 + byte] = value;
  }
}

/** Compute the CRC-32 of bytes, from 0 to 2 ** 32 - 1. @param {Uint8Array} bytes */
export function crc32(bytes) {
  let value = -1, at = 0;
  for (; at + 4 <= bytes.length; at += 4) {
    value ^= bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24);
    value = TABLES[768 + (value & 255)] ^ TABLES[512 + ((value >>> 8) & 255)] ^ TABLES[256 + ((value >>> 16) & 255)] ^ TABLES[value >>> 24];
  }
  for (; at < bytes.length; at++) value = TABLES[(value ^ bytes[at]) & 255] ^ (value >>> 8);
  return ~value >>> 0;
}

/**
 * Compute the checksum of a whole file from those of its pieces: the CRC-32 of them in order, each as four bytes, the
 * highest first. It changes when two pieces are swapped, and needs no second look at pieces whose checksum is known.
 * @param {number[]} checksums
 */
export function crc32OfPieces(checksums) {
  const bytes = new DataView(new ArrayBuffer(4 * checksums.length));
  checksums.forEach((checksum, place) => bytes.setUint32(4 * place, checksum));
  return crc32(new Uint8Array(bytes.buffer));
}
