// Peaks: the loudest sample of each of up to 400 equal stretches of a sound, from 0 to 100. They draw the waveform while
// the kernel, which sends its own, is still receiving or decoding.

/** Peaks of a whole sound. */
export const PEAK_COUNT = 400;
const SAMPLES_PER_PEAK = 400;
const DECODING_RATE = 8000;

const PCM = 1, FLOAT = 3, EXTENSIBLE = 0xfffe;

/** Peaks of an uncompressed WAV file, read from its pieces while they are sent. */
export class WavPeaks {
  /** @param {number} size of the file in bytes */
  constructor(size) {
    this.size = size;
    this.peaks = new Array(PEAK_COUNT).fill(0);
    this.known = false; // true once the header was read and understood
    this.duration = 0; // seconds
  }

  // Bytes in a sample and in a frame, which has a sample of each channel; frames per second; where the samples lie.
  width = 0; frame = 0; rate = 0; offset = 0; length = 0; float = false;

  /** Read a piece. Returns true if the peaks may have changed. @param {Uint8Array} bytes @param {number} at the piece's offset in the file */
  add(bytes, at) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    if (at === 0) this._readHeader(view);
    if (!this.known) return false;
    const { frame, width, offset, length, float } = this;
    // A long file has more samples than are needed for its shape.
    const step = frame * Math.max(1, Math.floor(length / frame / (PEAK_COUNT * SAMPLES_PER_PEAK)));
    let place = Math.max(0, at - offset);
    place += (step - (place % step)) % step;
    for (; place < length && offset + place + width <= at + bytes.length; place += step) {
      const spot = offset + place - at;
      const value = float ? view.getFloat32(spot, true) * 100
        : (view.getInt8(spot + width - 1) + view.getUint8(spot + width - 2) / 256) / 1.28;
      const bin = Math.floor((PEAK_COUNT * place) / length);
      if (Math.abs(value) > this.peaks[bin]) this.peaks[bin] = Math.min(100, Math.abs(value));
    }
    return true;
  }

  /** Find the format and the samples among the chunks of a RIFF file. @param {DataView} view */
  _readHeader(view) {
    /** @param {number} at */
    const name = (at) => String.fromCharCode(...[0, 1, 2, 3].map((i) => view.getUint8(at + i)));
    if (view.byteLength < 44 || name(0) !== "RIFF" || name(8) !== "WAVE") return;
    for (let at = 12; at + 8 <= view.byteLength;) {
      const length = view.getUint32(at + 4, true);
      if (name(at) === "fmt " && !this._readFormat(view, at + 8, length)) return;
      if (name(at) === "data") {
        this.offset = at + 8;
        // Software that streams a file leaves its length at 0.
        this.length = Math.min(length || this.size, this.size - this.offset);
        this.known = this.frame > 0 && this.rate > 0;
        if (this.known) this.duration = this.length / this.frame / this.rate;
        return;
      }
      at += 8 + length + (length % 2);
    }
  }

  /** Read a `fmt ` chunk. Returns false for a format that is not understood. @param {DataView} view @param {number} at @param {number} length */
  _readFormat(view, at, length) {
    if (length < 16 || at + length > view.byteLength) return false;
    const tag = view.getUint16(at, true);
    const code = tag === EXTENSIBLE && length >= 26 ? view.getUint16(at + 24, true) : tag;
    this.rate = view.getUint32(at + 4, true);
    this.frame = view.getUint16(at + 12, true);
    this.width = view.getUint16(at + 14, true) / 8;
    this.float = code === FLOAT;
    return this.float ? this.width === 4 : code === PCM && [2, 3, 4].includes(this.width);
  }
}

/** Decode a sound in the page. @param {Blob} file small enough for the page's memory @returns {Promise<{peaks: number[], duration: number}>} */
export async function decodePeaks(file) {
  const sound = await new OfflineAudioContext(1, 1, DECODING_RATE).decodeAudioData(await file.arrayBuffer());
  return { peaks: normalize(reducePeaks(sound.getChannelData(0))), duration: sound.duration };
}

/** Reduce samples, or peaks of shorter stretches, to at most 400 peaks. @param {ArrayLike<number>} samples */
export function reducePeaks(samples) {
  const count = Math.min(PEAK_COUNT, samples.length);
  const peaks = new Array(count).fill(0);
  for (let place = 0; place < samples.length; place++) {
    const bin = Math.floor((place * count) / samples.length);
    if (Math.abs(samples[place]) > peaks[bin]) peaks[bin] = Math.abs(samples[place]);
  }
  return peaks;
}

/** Scale peaks so that the loudest is 100; silence stays 0. @param {number[]} peaks */
export function normalize(peaks) {
  const loudest = Math.max(...peaks, 1e-6);
  return peaks.map((peak) => Math.round((100 * peak) / loudest));
}
