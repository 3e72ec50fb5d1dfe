// Copies with other codecs, which the kernel makes for a page that cannot decode a file, and the proof that it cannot.
/** @import { Model } from "./elements.js" */

// A frame of silence as ADTS. Three fill whole letters of base64, and Firefox wants more than one.
const AAC = "//FsQAF//AEYIAf/8WxAAX/8ARggB//xbEABf/wBGCAH".repeat(4);
const PROOF = Symbol.for("voxweave.decodesAac");

/** @typedef {"" | "mp4" | "webm" | "mp3"} Format */
/** What the kernel says of a copy: its name for it, and what `Facts` says of a video. @typedef {{what: string, size: number, tail: string, mime: string, places: string[]}} Rendition */

async function proveAac() {
  try {
    await new OfflineAudioContext(1, 1, 8000).decodeAudioData(Uint8Array.from(atob(AAC), (letter) => letter.charCodeAt(0)).buffer);
    return true;
  } catch {
    return false;
  }
}

/** Find out, once for all widgets of a page, whether it decodes AAC. VS Code has none, but `canPlayType` says that it has. @returns {Promise<boolean>} */
export const decodesAac = () => (/** @type {any} */ (globalThis)[PROOF] ??= proveAac());

/**
 * Choose the copy of a video to ask for before it is played; "" for the video itself. A missing decoder for the frames is
 * not sought here: the video element reports it for this very file, and then `nextFormat` follows.
 * @param {{video?: string, audio?: string}} codecs @returns {Promise<Format>}
 */
export async function formatFor({ video, audio }) {
  // A "no" of canPlayType can be trusted, a "yes" cannot.
  const h264 = document.createElement("video").canPlayType('video/mp4; codecs="avc1.42E01E"') !== "";
  if (video === "h264" && !h264) return "webm";
  if (audio !== "aac" || await decodesAac()) return "";
  return h264 ? "mp4" : "webm";
}

/** Return the copy to ask for when a video, or its copy, cannot be played; undefined after the last. @param {Format} format @returns {Format | undefined} */
export const nextFormat = (format) => (/** @type {Record<string, Format>} */ ({ "": "mp4", mp4: "webm" }))[format];

/**
 * Ask the kernel for a copy and wait until it is made.
 * @param {Model} model @param {{of?: string, format: Format}} wanted @param {(fraction: number) => void} onProgress
 * @returns {Promise<Rendition>} rejected with the kernel's reason
 */
export function requestRendition(model, wanted, onProgress) {
  const turn = Math.random().toString(36).slice(2);
  return new Promise((resolve, reject) => {
    const receive = (/** @type {any} */ message) => {
      if (message.turn !== turn) return;
      if ("progress" in message) return onProgress(message.progress);
      model.off("msg:custom", receive);
      if (message.error) reject(new Error(message.error));
      else resolve(message);
    };
    model.on("msg:custom", receive);
    model.send({ kind: "rendition", turn, ...wanted });
  });
}
