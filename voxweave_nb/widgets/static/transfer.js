// Pieces of a file on their way between the page and the kernel. upload.py describes the protocol.

import { inVSCode } from "./front_end.js";

/** Bytes in a piece; upload.py gives the reason. */
export const PIECE_BYTES = 4 * 2 ** 20;
/** Bytes in a piece that travels as base64 text, which is a third longer. */
const TEXT_PIECE_BYTES = 3 * 2 ** 20;
/** Bytes in a piece where each message passes through an extension, which is slow with large ones. */
const SMALL_PIECE_BYTES = 2 ** 20;
/** Pieces on their way at once. */
export const WINDOW = 2;

/** True in a page that drops binary buffers: Colab's, whose kernel may also be one that does not know of it. */
export const dropsBuffers = () => "google" in globalThis && Boolean(/** @type {any} */ (globalThis).google?.colab);

/** Return the bytes in a piece of an upload. @param {boolean} text true if it travels as base64 */
export function uploadPieceBytes(text) {
  if (inVSCode()) return SMALL_PIECE_BYTES;
  return text ? TEXT_PIECE_BYTES : PIECE_BYTES;
}

/** Return the bytes in a piece of a download, which the page tells the kernel. */
export const downloadPieceBytes = () => (inVSCode() ? SMALL_PIECE_BYTES : PIECE_BYTES);

/** Count the pieces of a file. @param {number} size in bytes @param {number} [pieceBytes] */
export const pieceCount = (size, pieceBytes = PIECE_BYTES) => Math.ceil(size / pieceBytes);

/** Return the first byte of a piece and the one after its last. @param {number} seq from 0 @param {number} size @param {number} pieceBytes @returns {[number, number]} */
export function pieceRange(seq, size, pieceBytes) {
  return [seq * pieceBytes, Math.min(size, (seq + 1) * pieceBytes)];
}

/** Encode bytes as base64. @param {Uint8Array} bytes */
export function encodeBase64(bytes) {
  let text = "";
  // By parts: a call takes only so many arguments.
  for (let at = 0; at < bytes.length; at += 32766) text += String.fromCharCode(...bytes.subarray(at, at + 32766));
  return btoa(text);
}

/** Read the bytes of a piece, sent as a buffer or as base64. @param {{data?: string}} message @param {DataView[]} buffers @returns {BlobPart} */
export function pieceBytes(message, buffers) {
  if (message.data === undefined) return /** @type {any} */ (buffers[0]);
  return Uint8Array.from(atob(message.data), (letter) => letter.charCodeAt(0));
}
