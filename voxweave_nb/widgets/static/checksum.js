// CRC-32 as in zlib, by which the kernel finds damaged, lost and swapped pieces.
//
// Not crypto.subtle: browsers offer it on https and localhost only, and notebooks are often served over plain http, so a
// second way would have to exist and be tested. Accidents are to be found here, not attacks: both ends belong to the same
// person, and whoever can change a piece can change its checksum. CRC-32 finds them as well, and Python has it in zlib.

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});

/** Compute the CRC-32 of bytes, from 0 to 2 ** 32 - 1. @param {Uint8Array} bytes */
export function crc32(bytes) {
  let value = 0xffffffff;
  for (let at = 0; at < bytes.length; at++) value = TABLE[(value ^ bytes[at]) & 0xff] ^ (value >>> 8);
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
