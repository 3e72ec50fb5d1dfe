// One video of a lab that plays: where it comes from, its captions, and its poster.

import { Captions } from "./captions.js";
import { Downloads, reasonOf } from "./download.js";
import { format } from "./format.js";
import { formatFor, nextFormat } from "./rendition.js";
import { Source } from "./source.js";
/** @import { Model } from "./elements.js" */
/** @import { Format } from "./rendition.js" */
/** @import { Facts } from "./source.js" */
/** @import { Cue } from "./transcript.js" */

const TEXTS = {
  captions: "Captions",
  missing: "{name} was deleted or moved.",
  gone: "The video was deleted or moved.",
  unplayable: "This browser cannot play {name}.",
};

/**
 * Make a model whose messages are about one video: sent ones name it, and those about others are not heard.
 * @param {Model} model @param {string} of @returns {Model & {close(): void}}
 */
export function scoped(model, of) {
  /** @type {[string, (...args: any[]) => void, (...args: any[]) => void][]} */
  let heard = [];
  return {
    get: (name) => model.get(name), set: () => {}, save_changes: () => {},
    widget_manager: model.widget_manager,
    send: (content, callbacks, buffers) => model.send({ ...content, of }, callbacks, buffers),
    on(name, callback) {
      const own = (/** @type {any} */ message, /** @type {any[]} */ ...more) => { if (message?.of === of) callback(message, ...more); };
      heard.push([name, callback, own]);
      model.on(name, own);
    },
    off(name, callback) {
      for (const each of heard) if (each[0] === name && each[1] === callback) model.off(name, each[2]);
      heard = heard.filter((each) => each[0] !== name || each[1] !== callback);
    },
    close() {
      for (const [name, , own] of heard) model.off(name, own);
      heard = [];
    },
  };
}

/** Download the poster of a video; "" where it has none. @param {Model} model @param {string} of @returns {Promise<string>} an object URL */
export async function fetchPoster(model, of) {
  const own = scoped(model, of);
  try {
    return URL.createObjectURL(await new Downloads(own).fetch("poster", 0, "image/jpeg"));
  } catch {
    return ""; // the tile does without it
  } finally {
    own.close();
  }
}

/** A video element with its captions. It loads when asked to. */
export class LiveVideo {
  /** @param {Model} model @param {string} of the kernel's name for the video @param {(reason: string) => void} onFail */
  constructor(model, of, onFail) {
    this.video = document.createElement("video");
    this.video.playsInline = true;
    this.video.muted = true;
    this.video.tabIndex = -1;
    this.video.preload = "none";
    this.captions = new Captions(this.video, TEXTS.captions);
    this.burnt = false;
    this._of = of;
    this._onFail = onFail;
    this._model = scoped(model, of);
    this._source = new Source(this._model);
    this._format = /** @type {Format} */ ("");
    this._closed = this._retried = false;
    /** @type {Promise<void> | undefined} */
    this._loaded = undefined;
    this.video.addEventListener("error", () => this._onError());
    // A page that decodes the sound but not the frames reports no error.
    this.video.addEventListener("loadedmetadata", () => { if (!this.video.videoWidth && this._facts?.codecs?.video) this._playCopy(); });
  }

  /** Load the video, once; resolves when its address is known or it has failed. */
  load() { return (this._loaded ??= this._begin()); }

  /** @param {boolean} on */
  showCaptions(on) { this.captions.show(on && !this.burnt); }

  close() {
    this._closed = true;
    this._source.close();
    this._model.close();
    this.video.pause();
    this.video.removeAttribute("src");
    this.video.load();
    this.video.remove();
    this.captions.root.remove();
  }

  async _begin() {
    const { facts, cues } = await this._request();
    if (this._closed) return;
    if (!facts) return this._onFail(TEXTS.gone);
    this._facts = facts;
    this.burnt = facts.burnt;
    this.captions.set(cues);
    this._format = await formatFor(facts.codecs ?? {});
    await this._find(true);
  }

  /** @returns {Promise<{facts: Facts | null, cues: Cue[]}>} */
  _request() {
    return new Promise((resolve) => {
      const receive = (/** @type {any} */ message) => {
        if (message.kind !== "facts") return;
        this._model.off("msg:custom", receive);
        resolve(message);
      };
      this._model.on("msg:custom", receive);
      this._model.send({ kind: "facts" });
    });
  }

  /** @param {boolean} askServer */
  async _find(askServer) {
    const facts = /** @type {Facts} */ (this._facts);
    try {
      const url = await this._source.load(facts, askServer, () => {}, this._format);
      if (!url || this._closed) return;
      this.video.preload = "auto";
      this.video.src = url;
    } catch (error) {
      if (!this._closed) this._onFail(reasonOf(error, TEXTS.missing));
    }
  }

  /** Play the next copy in place of what this page cannot play. */
  _playCopy() {
    const next = nextFormat(this._format);
    if (next) {
      this._format = next;
      void this._find(!this._retried);
    } else this._onFail(format(TEXTS.unplayable, { name: this._facts?.files.video.name ?? "" }));
  }

  _onError() {
    if (this._closed || !this._source.url) return;
    if (this._source.way === "server" && this.video.error?.code !== MediaError.MEDIA_ERR_DECODE && !this._retried) {
      this._retried = true;
      void this._find(false);
    } else this._playCopy();
  }
}
