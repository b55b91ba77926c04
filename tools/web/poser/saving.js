/** What the visitor takes along: pictures, videos, texts. */

import { UserError } from '../engines/web/index.js';
import { encodePng } from '../shared/png.js';

/** From the best that a browser may be able to write. */
const VIDEO_TYPES = ['video/webm;codecs=vp9', 'video/webm;codecs=vp8', 'video/webm', 'video/mp4'];
const BITS_PER_SECOND = 8e6;
/** Milliseconds after which a recorder tells what it has. */
const SLICE = 500;
/** A file of so many bytes has no picture in it. */
const EMPTY = 1000;

/**
 * Hands a file to the visitor.
 *
 * @param {Blob} data
 * @param {string} name
 */
export function saveFile(data, name) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(data);
  link.download = name;
  link.click();
  // A browser reads it after this.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/**
 * A name for a file, of a character's.
 *
 * @param {string} name
 * @param {string} suffix
 */
export function fileName(name, suffix) {
  const plain = name.normalize('NFC').replace(/[^\p{L}\p{N}_-]+/gu, '_').slice(0, 60);
  return `${plain.replace(/^_+|_+$/g, '') || 'character'}${suffix}`;
}

/**
 * A picture as a PNG file, exact where nothing lies behind it.
 *
 * @param {{width: number, height: number, data: Uint8ClampedArray | Uint8Array}} picture straight RGBA8
 * @param {string | null} background as CSS has it; null: none
 * @returns {Promise<Blob>}
 */
export async function pictureFile({ width, height, data }, background) {
  if (background === null) {
    return encodePng(width, height, data);
  }
  const [red, green, blue] = rgb(background);
  const behind = [red, green, blue];
  const mixed = new Uint8Array(data.length);
  for (let place = 0; place < data.length; place += 4) {
    const alpha = data[place + 3] / 255;
    for (let channel = 0; channel < 3; channel++) {
      mixed[place + channel] = Math.round(data[place + channel] * alpha + behind[channel] * (1 - alpha));
    }
    mixed[place + 3] = 255;
  }
  return encodePng(width, height, mixed);
}

/** @param {string} colour as CSS has it */
function rgb(colour) {
  const canvas = new OffscreenCanvas(1, 1);
  const context = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext('2d'));
  context.fillStyle = colour;
  context.fillRect(0, 0, 1, 1);
  return context.getImageData(0, 0, 1, 1).data;
}

/** A video of what a canvas shows, on a background. */
export class Recording {
  #canvas = document.createElement('canvas');
  #context = /** @type {CanvasRenderingContext2D} */ (this.#canvas.getContext('2d'));
  #recorder;
  /** @type {Blob[]} */
  #parts = [];

  /**
   * Begins. Throws UserError where the browser cannot.
   *
   * @param {number} width
   * @param {number} height
   * @param {(bytes: number) => void} onGrow told how large its file is now
   */
  constructor(width, height, onGrow) {
    const type = VIDEO_TYPES.find((one) => globalThis.MediaRecorder?.isTypeSupported(one));
    if (!type || !this.#canvas.captureStream) {
      throw new UserError('this browser records no videos; take another one, such as Firefox or Chrome.');
    }
    this.#canvas.width = width;
    this.#canvas.height = height;
    this.#recorder = new MediaRecorder(this.#canvas.captureStream(), {
      mimeType: type,
      videoBitsPerSecond: BITS_PER_SECOND,
    });
    this.#recorder.addEventListener('dataavailable', ({ data }) => {
      this.#parts.push(data);
      onGrow(this.#size);
    });
    this.#recorder.start(SLICE);
  }

  /** The suffix of its file. */
  get suffix() {
    return this.#recorder.mimeType.startsWith('video/mp4') ? '.mp4' : '.webm';
  }

  /**
   * Takes the picture that is shown.
   *
   * @param {CanvasImageSource} picture
   * @param {string | null} background as CSS has it
   */
  add(picture, background) {
    const { width, height } = this.#canvas;
    this.#context.clearRect(0, 0, width, height);
    if (background !== null) {
      this.#context.fillStyle = background;
      this.#context.fillRect(0, 0, width, height);
    }
    this.#context.drawImage(picture, 0, 0, width, height);
  }

  get #size() {
    return this.#parts.reduce((sum, part) => sum + part.size, 0);
  }

  /**
   * Ends. Throws UserError when no picture has come into it.
   *
   * @returns {Promise<Blob>}
   */
  async end() {
    const ended = new Promise((resolve) => this.#recorder.addEventListener('stop', resolve, { once: true }));
    this.#recorder.stop();
    await ended;
    for (const track of this.#recorder.stream.getTracks()) {
      track.stop();
    }
    if (this.#size < EMPTY) {
      throw new UserError('the video was stopped before it had a picture; record for a second at least.');
    }
    return new Blob(this.#parts, { type: this.#recorder.mimeType });
  }
}
