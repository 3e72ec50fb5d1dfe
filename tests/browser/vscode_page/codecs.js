// Takes away what VS Code cannot decode: AAC, Opus, and everything in WebM. `canPlayType` goes on as before, as there.

const text = (bytes, at, length) => String.fromCharCode(...bytes.subarray(at, at + length));

/** Find a word of four letters; -1 without it. */
function find(bytes, word, from = 0) {
  const codes = [...word].map((letter) => letter.charCodeAt(0));
  for (let at = bytes.indexOf(codes[0], from); at >= 0; at = bytes.indexOf(codes[0], at + 1)) {
    if (codes.every((code, place) => bytes[at + place] === code)) return at;
  }
  return -1;
}

/** Return the places of the words by which a decoder is chosen for sound that VS Code does not decode. */
function mutedWords(bytes) {
  const muted = [];
  if (text(bytes, 4, 4) !== "ftyp") return muted;
  const table = find(bytes, "stsd") < 0 ? bytes.length : 0; // a file without sample tables has no sound
  for (let at = find(bytes, "mp4a", table); at >= 0; at = find(bytes, "mp4a", at + 4)) {
    const box = find(bytes, "esds", at);
    const config = bytes.indexOf(4, box + 8 + 3); // behind the ES descriptor's own tag and number
    // After the tag come the length, in up to four bytes, and the type of object: 0x40 and 0x66 to 0x68 are AAC.
    let kind = config + 1;
    while (bytes[kind] & 0x80) kind++;
    if ([0x40, 0x66, 0x67, 0x68].includes(bytes[kind + 1])) muted.push(at, box);
  }
  const opus = find(bytes, "Opus", table);
  return opus < 0 ? muted : [...muted, opus];
}

const isWebM = (bytes) => bytes[0] === 0x1a && bytes[1] === 0x45 && bytes[2] === 0xdf && bytes[3] === 0xa3;
const isADTS = (bytes) => bytes[0] === 0xff && (bytes[1] & 0xf6) === 0xf0;
const isOggOpus = (bytes) => text(bytes, 0, 4) === "OggS" && text(bytes, 28, 8) === "OpusHead";

/** Return what VS Code would make of a file: the same bytes, or a copy in which the sound cannot be decoded. */
function crippled(bytes) {
  if (isWebM(bytes) || isADTS(bytes) || isOggOpus(bytes)) return new Uint8Array(8);
  const muted = mutedWords(bytes);
  if (!muted.length) return bytes;
  const copy = bytes.slice();
  for (const at of muted) copy.set([0x78, 0x78, 0x78, 0x78], at);
  return copy;
}

const decode = BaseAudioContext.prototype.decodeAudioData;
BaseAudioContext.prototype.decodeAudioData = function (buffer, onDone, onError) {
  const bytes = new Uint8Array(buffer);
  if (crippled(bytes) === bytes) return decode.call(this, buffer, onDone, onError);
  const error = new DOMException("Unable to decode audio data", "EncodingError");
  onError?.(error);
  return Promise.reject(error);
};

const made = new Set();
const makeURL = URL.createObjectURL;

/** Return the address of a file as VS Code would decode it. Read at once, so that no element plays the file before. */
function replaced(address) {
  const url = new URL(address, location.href).href;
  if (made.has(url) || !/^(?:blob|data|https?):/.test(url)) return address;
  const request = new XMLHttpRequest();
  request.open("GET", url, false);
  request.overrideMimeType("text/plain; charset=x-user-defined");
  try {
    request.send();
  } catch {
    return address;
  }
  const bytes = Uint8Array.from(request.responseText, (letter) => letter.charCodeAt(0) & 0xff);
  const left = crippled(bytes);
  if (left === bytes) return address;
  const own = makeURL.call(URL, new Blob([left], { type: "video/mp4" }));
  made.add(own);
  return own;
}

const source = Object.getOwnPropertyDescriptor(HTMLMediaElement.prototype, "src");
Object.defineProperty(HTMLMediaElement.prototype, "src", {
  ...source,
  set(address) { source.set.call(this, replaced(address)); },
});
const setAttribute = Element.prototype.setAttribute;
HTMLMediaElement.prototype.setAttribute = function (name, value) {
  setAttribute.call(this, name, name === "src" ? replaced(value) : value);
};
// Elements that come as HTML.
new MutationObserver((changes) => {
  const added = changes.flatMap((change) => [...change.addedNodes]).filter((node) => node instanceof Element);
  for (const media of added.flatMap((node) => [node, ...node.querySelectorAll("video, audio")])) {
    if (media instanceof HTMLMediaElement && media.hasAttribute("src")) media.src = media.getAttribute("src");
  }
}).observe(document, { childList: true, subtree: true });
