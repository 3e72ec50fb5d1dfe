// Where a video's bytes come from: the notebook's server, where it serves this very file, else the kernel.

import { Downloads } from "./download.js";
import { requestRendition } from "./rendition.js";
import { pageConfig, serverAddress } from "./server.js";
/** @import { Model } from "./elements.js" */
/** @import { Format } from "./rendition.js" */
/** @import { Chapter } from "./playback.js" */

const TIMEOUT = 4000;

/** The kernel's description of a video. @typedef {{title: string, settings: string, mime: string, size: number, tail: string,
 *   width: number, height: number, duration: number, fps: number, burnt: boolean, cues: number,
 *   codecs: {video?: string, audio?: string},
 *   files: Record<string, {name: string, places: string[]}>, tiles: number[][],
 *   chapters?: Chapter[]}} Facts */
/** @typedef {"server" | "kernel"} Way */

/** Return the folders in which the notebook may lie, seen from the server's root; the root itself is the last. @param {Model} model */
export function notebookFolders(model) {
  const paths = [
    model.widget_manager?.context?.path,
    pageConfig()?.notebookPath,
    /\/(?:tree|notebooks|edit|consoles)\/(.+)$/.exec(decodeURIComponent(location.pathname))?.[1],
  ];
  // JupyterLab writes another drive in front of the path: "RTC:talks/one.ipynb".
  const plain = paths.filter((path) => typeof path === "string" && path).map((path) => path.replace(/^\w+:/, ""));
  return [...new Set([...plain.map((path) => path.split("/").slice(0, -1).join("/")), ""])];
}

/** Join a folder and a relative path; undefined where the result lies outside the root or in a hidden folder. @param {string} folder @param {string} place */
export function joinPath(folder, place) {
  /** @type {string[]} */
  const parts = [];
  for (const part of `${folder}/${place}`.split("/")) {
    if (part === "..") {
      if (!parts.length) return undefined;
      parts.pop();
    } else if (part && part !== ".") parts.push(part);
  }
  return parts.some((part) => part.startsWith(".")) ? undefined : parts.join("/");
}

/** Return the addresses at which the server may serve a file. @param {Model} model @param {string[]} places relative to the notebook */
export function fileAddresses(model, places) {
  const base = serverAddress();
  if (!base) return [];
  const token = /\b_xsrf=([^;]*)/.exec(document.cookie)?.[1];
  const paths = notebookFolders(model).flatMap((folder) => places.map((place) => joinPath(folder, place)));
  return [...new Set(paths)].filter((path) => path !== undefined && path !== "").map((path) => {
    const url = new URL(`${base}files/${/** @type {string} */ (path).split("/").map(encodeURIComponent).join("/")}`, location.href);
    if (token) url.searchParams.set("_xsrf", token);
    return url.href;
  });
}

/**
 * Check that an address serves exactly this video, by its size and last bytes, and in ranges: a server without ranges
 * would not let a person seek.
 * @param {string} url @param {{size: number, tail: string}} file
 */
export async function serves(url, { size, tail }) {
  try {
    const range = `bytes=${Math.max(0, size - tail.length / 2)}-${size - 1}`;
    const answer = await fetch(url, { headers: { Range: range }, signal: AbortSignal.timeout(TIMEOUT) });
    if (answer.status !== 206 || !answer.headers.get("Content-Range")?.endsWith(`/${size}`)) return false;
    const bytes = new Uint8Array(await answer.arrayBuffer());
    return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("") === tail;
  } catch {
    return false;
  }
}

/** @param {string} url */
const folderOf = (url) => url.slice(0, url.lastIndexOf("/"));

/** Loads a video, its poster, its thumbnails and its other files. */
export class Source {
  /** @param {Model} model */
  constructor(model) {
    this.model = model;
    this.url = "";
    /** Both are empty while a video is being looked for. @type {Way | ""} */
    this.way = "";
    this._round = 0;
    this._downloads = new Downloads(model);
    /** Object URLs of the video that is shown. @type {string[]} */
    this._owned = [];
    /** @type {Promise<string> | undefined} */
    this._sprite = undefined;
  }

  /**
   * Find the video. A second call takes the first one's place, which then resolves to undefined.
   * @param {Facts} facts @param {boolean} askServer @param {(bytes: number, busy: boolean, size: number) => void} onProgress
   *   of a download from the kernel
   * @param {Format} [format] of the copy to play; "" for the video itself
   * @param {(fraction: number) => void} [onMaking] while the kernel makes the copy
   * @returns {Promise<string | undefined>} its URL; rejected with FileMissing where the kernel cannot read it, or with the
   *   reason for which a copy could not be made
   */
  async load(facts, askServer, onProgress, format = "", onMaking = () => {}) {
    const round = this.stop();
    this.url = this.way = "";
    const current = () => round === this._round;
    let file = { what: "video", size: facts.size, tail: facts.tail, mime: facts.mime, places: facts.files.video.places };
    if (format) file = await requestRendition(this.model, { format }, (fraction) => { if (current()) onMaking(fraction); });
    if (!current()) return undefined;
    for (const url of askServer ? fileAddresses(this.model, file.places) : []) {
      const found = await serves(url, file);
      if (!current()) return undefined;
      if (found) return this._use(url, "server");
    }
    try {
      const blob = await this._downloads.fetch(file.what, file.size, file.mime, (bytes, busy) => { if (current()) onProgress(bytes, busy, file.size); });
      return current() ? this._use(this._own(blob), "kernel") : undefined;
    } catch (error) {
      if (current()) throw error;
      return undefined;
    }
  }

  /** Stop loading; the video that is there stays. Returns the number of the next round. */
  stop() {
    this._downloads.abort();
    return ++this._round;
  }

  /** Return the poster's URL; undefined where there is none or another video came meanwhile. @param {Facts} facts */
  async poster(facts) {
    const { poster } = facts.files;
    const round = this._round;
    if (!poster) return undefined;
    const served = fileAddresses(this.model, poster.places).find((url) => folderOf(url) === folderOf(this.url));
    const url = served ?? await this._image("poster");
    return round === this._round ? url || undefined : undefined;
  }

  /** Return the URL of the image that holds all thumbnails, or "". */
  sprite() { return (this._sprite ??= this._image("sprite")); }

  /**
   * Download one of the video's files. @param {string} what a name in `facts.files` @param {Facts} facts
   * @returns {Promise<Blob>} rejected with FileMissing or an AbortError
   */
  file(what, facts) {
    return this._downloads.fetch(what, what === "video" ? facts.size : 0, "application/octet-stream");
  }

  close() {
    this.stop();
    this.url = this.way = "";
    this._revoke();
  }

  /** @param {string} url @param {Way} way */
  _use(url, way) {
    this._revoke(url);
    this._sprite = undefined;
    this.url = url;
    this.way = way;
    return url;
  }

  /** @param {string} what */
  async _image(what) {
    try {
      return this._own(await this._downloads.fetch(what, 0, "image/jpeg"));
    } catch {
      return ""; // the player does without it
    }
  }

  /** @param {Blob} blob */
  _own(blob) {
    const url = URL.createObjectURL(blob);
    this._owned.push(url);
    return url;
  }

  /** Revoke the object URLs of the video before. @param {string} [kept] one to keep */
  _revoke(kept) {
    for (const url of this._owned) if (url !== kept) URL.revokeObjectURL(url);
    this._owned = this._owned.filter((url) => url === kept);
  }
}
