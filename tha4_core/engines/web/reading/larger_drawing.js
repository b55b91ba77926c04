// A character's larger drawing: the picture once more at 1024 or 2048 pixels, of the same framing. The twin of
// tha4_core/character/larger_drawing.py.

import { CharacterError } from '../errors.js';
import { PICTURE, decodePng, edgeOf } from './png.js';
import { Turns } from './turns.js';

/** Edges that it may have, in pixels. */
export const EDGES = /** @type {const} */ ([1024, 2048]);
/** The member of a .tha4 file, and the file in an official directory. */
export const DRAWING = 'character_hd.png';
const MOST_BYTES = 12 << 20;
/** How far it may be from the picture, in levels of 0 to 255: the root of the mean square, and of the mean of any tile. */
const MOST_RMS = 8;
const MOST_TILE = 16;
const TILE = 16;

/** @typedef {import('./bytes.js').Bytes} Bytes */

/**
 * The edge of a larger drawing, of which nothing else is looked at. Throws CharacterError.
 *
 * @param {Bytes} bytes
 * @param {string} called what messages call the file
 */
export function drawingEdge(bytes, called) {
  return edgeOf(bytes, called, EDGES, MOST_BYTES);
}

/**
 * A larger drawing, straight-alpha sRGB, [edge][edge][4]. Throws CharacterError unless it is the picture, drawn larger.
 *
 * @param {Bytes} bytes
 * @param {Bytes} picture
 * @param {string} called what messages call the file
 * @returns {Promise<Bytes>}
 */
export async function decodeDrawing(bytes, picture, called) {
  const drawing = await decodePng(bytes, called, EDGES, MOST_BYTES);
  const by = Math.sqrt(drawing.length / 4) / PICTURE;
  const tiles = new Float64Array(4 * (PICTURE / TILE) ** 2);
  const turns = new Turns();
  let squares = 0;
  for (let y = 0; y < PICTURE; y += 1) {
    await turns.leave();
    for (let x = 0; x < PICTURE; x += 1) {
      const tile = 4 * (Math.floor(y / TILE) * (PICTURE / TILE) + Math.floor(x / TILE));
      const here = averaged(picture, PICTURE, x, y, 1);
      averaged(drawing, PICTURE * by, x * by, y * by, by).forEach((value, channel) => {
        const difference = value - here[channel];
        squares += difference * difference;
        tiles[tile + channel] += difference / TILE ** 2;
      });
    }
  }
  const rms = Math.sqrt(squares / picture.length);
  if (!(rms <= MOST_RMS && tiles.every((mean) => Math.abs(mean) <= MOST_TILE))) {
    throw new CharacterError(
      `${called} is not the character's picture drawn larger: averaged down it is ${rms.toFixed(1)} levels from it (at` +
        ` most ${MOST_RMS} are taken); give the same drawing with the same framing.`,
    );
  }
  return drawing;
}

/**
 * The mean of a square of pixels: levels times alpha, and alpha's own.
 *
 * @param {Bytes} pixels
 * @param {number} edge
 * @param {number} left
 * @param {number} top
 * @param {number} size
 */
function averaged(pixels, edge, left, top, size) {
  const sums = [0, 0, 0, 0];
  for (let y = top; y < top + size; y += 1) {
    for (let x = left; x < left + size; x += 1) {
      const at = 4 * (y * edge + x);
      const alpha = pixels[at + 3];
      sums[0] += (pixels[at] * alpha) / 255;
      sums[1] += (pixels[at + 1] * alpha) / 255;
      sums[2] += (pixels[at + 2] * alpha) / 255;
      sums[3] += alpha;
    }
  }
  return sums.map((sum) => sum / size ** 2);
}
