// A first check of a chosen file, before anything is sent. Decoding it in the kernel is the real one.

import { fileSize, format } from "./format.js";

const TEXTS = {
  wrongType: "{name} is {type}, not audio. Choose an audio file: MP3, WAV, M4A, FLAC, OGG, WebM.",
  unknownType: "{name} is not an audio file. Choose one: MP3, WAV, M4A, FLAC, OGG, WebM.",
  types: {
    pdf: "a PDF", zip: "a ZIP archive or an office document", image: "an image", playlist: "a playlist", page: "a web page",
    captions: "a subtitle file", archive: "an archive", text: "a text file", program: "a program",
  },
  empty: "{name} is empty (0 bytes). Choose another file.",
  tooLarge: "{name} has {size}; the limit is {most}. Compress it or cut it.",
};

/** Types that the file chooser offers. */
export const ACCEPT = "audio/*,video/mp4,video/webm,video/quicktime,.mp3,.wav,.flac,.m4a,.mp4,.mov,.aac,.ogg,.opus,.webm,.mkv,.aiff,.caf,.wma,.mka";

const EXTENSIONS = /\.(mp3|wav|wave|flac|m4a|m4b|mp4|m4v|mov|aac|oga|ogg|opus|webm|weba|mkv|mka|aif|aiff|aifc|caf|wma|asf|3gp)$/i;

/** First bytes of files that are not audio. */
const SIGNATURES = /** @type {[RegExp, keyof typeof TEXTS.types][]} */ ([
  [/^%PDF/, "pdf"], [/^PK\x03\x04/, "zip"], [/^(\x89PNG|\xff\xd8\xff|GIF8)/, "image"],
  [/^(#EXTM3U|ffconcat|\[playlist\])/i, "playlist"], [/^<(!doctype|html)/i, "page"], [/^WEBVTT/, "captions"],
  [/^(\x1f\x8b|7z\xbc\xaf|Rar!)/, "archive"], [/^\{/, "text"], [/^\x7fELF/, "program"],
]);

/** Return the reason why a file cannot be a narration, or "". @param {File} file @param {number} maxBytes */
export async function rejection(file, maxBytes) {
  const { name } = file;
  if (file.size === 0) return format(TEXTS.empty, { name });
  if (file.size > maxBytes) return format(TEXTS.tooLarge, { name, size: fileSize(file.size), most: fileSize(maxBytes) });
  const start = String.fromCharCode(...new Uint8Array(await file.slice(0, 16).arrayBuffer()));
  const found = SIGNATURES.find(([signature]) => signature.test(start));
  if (found) return format(TEXTS.wrongType, { name, type: TEXTS.types[found[1]] });
  if (!/^(audio|video)\//.test(file.type) && !EXTENSIONS.test(name)) return format(TEXTS.unknownType, { name });
  return "";
}
