// A character's pictures: square PNGs with alpha, decoded without a canvas, which would keep premultiplied bytes. No
// colour profile is applied: the networks were trained on the file's bytes. The twin of tha4_core/picture/png.py and of
// color.py's decode_png.

import { CharacterError } from '../errors.js';
import { crc32, viewOf } from './bytes.js';
import { Turns } from './turns.js';

/** Width and height of a character's picture in pixels. */
export const PICTURE = 512;
const MOST_BYTES = 8 << 20;
/** Parts of a file that are looked at: characters come from strangers. */
const MOST_PARTS = 1 << 13;
const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
/** What a picture cannot be shown without, and what only says how to show it. */
const PIXELS = ['IHDR', 'PLTE', 'tRNS', 'IDAT', 'IEND'];
const RGBA = 6;
const MODES = new Map([
  [0, 'grey'],
  [2, 'RGB'],
  [3, 'a palette'],
  [4, 'grey and alpha'],
]);
/** Adam7's passes: first column and row, and the steps. */
const PASSES = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
];

/** @typedef {import('./bytes.js').Bytes} Bytes */

/**
 * A character's PNG as straight-alpha sRGB bytes, [edge][edge][4]. Throws CharacterError.
 *
 * @param {Bytes} bytes
 * @param {string} called what messages call the file
 * @param {readonly number[]} [edges] that it may have, in pixels
 * @param {number} [limit] of the file, in bytes
 * @returns {Promise<Bytes>}
 */
export async function decodePng(bytes, called, edges = [PICTURE], limit = MOST_BYTES) {
  const { head, scans, edge } = openPng(bytes, called, edges, limit);
  const mode = head.getUint8(9);
  if (mode !== RGBA || head.getUint8(8) !== 8) {
    const found = mode === RGBA ? 'of more than 8 bits' : (MODES.get(mode) ?? 'unknown');
    throw new CharacterError(
      `${called} has no alpha channel of 8 bits (its mode is ${found}, RGBA is needed); remove the background and` +
        ' save it with transparency.',
    );
  }
  const interlaced = head.getUint8(12);
  if (head.getUint8(10) || head.getUint8(11) || interlaced > 1) {
    throw damaged(called, 'it is packed in an unknown way');
  }
  const passes = interlaced ? PASSES : [[0, 0, 1, 1]];
  const sizes = passes.map(([x, y, dx, dy]) => [Math.ceil((edge - x) / dx), Math.ceil((edge - y) / dy)]);
  const wanted = sizes.reduce((sum, [columns, rows]) => sum + rows * (4 * columns + 1), 0);
  const packed = await unpack(scans, wanted);
  if (packed === null) {
    throw damaged(called, 'its pixels cannot be unpacked');
  }
  const picture = new Uint8Array(4 * edge * edge);
  let at = 0;
  for (const [index, pass] of passes.entries()) {
    const [columns, rows] = sizes[index];
    const part = packed.subarray(at, at + rows * (4 * columns + 1));
    at += part.length;
    if (!(await unfilter(part, columns, rows))) {
      throw damaged(called, 'a row has an unknown filter');
    }
    place(part, columns, rows, pass, picture, edge);
  }
  return picture;
}

/**
 * The edge of a character's PNG, of which nothing else is looked at. Throws CharacterError.
 *
 * @param {Bytes} bytes
 * @param {string} called what messages call the file
 * @param {readonly number[]} edges that it may have, in pixels
 * @param {number} limit of the file, in bytes
 * @returns {number}
 */
export function edgeOf(bytes, called, edges, limit) {
  return openPng(bytes, called, edges, limit).edge;
}

/**
 * @param {Bytes} bytes
 * @param {string} called
 * @param {readonly number[]} edges
 * @param {number} limit
 */
function openPng(bytes, called, edges, limit) {
  const sizes = edges.map((edge) => `${edge}x${edge}`).join(' or ');
  if (bytes.length > limit) {
    throw new CharacterError(`${called} is larger than ${limit >> 20} MiB; save it as a plain ${sizes} PNG.`);
  }
  if (!SIGNATURE.every((byte, index) => bytes[index] === byte)) {
    throw new CharacterError(`${called} is not a PNG file; save the picture as a ${sizes} PNG with alpha.`);
  }
  const { head, scans } = splitParts(bytes, called);
  const edge = head.getUint32(0);
  const height = head.getUint32(4);
  if (!edges.includes(edge) || height !== edge) {
    const what = edges.includes(PICTURE) ? "a character's picture" : "a character's larger drawing";
    throw new CharacterError(`${called} is ${edge}x${height} pixels; ${what} must be ${sizes}.`);
  }
  return { head, scans, edge };
}

/**
 * @param {string} called
 * @param {string} why
 */
function damaged(called, why) {
  return new CharacterError(`${called} is damaged (${why}); save it again.`);
}

/**
 * The content of a PNG's head, and its packed pixels.
 *
 * @param {Bytes} bytes
 * @param {string} called
 * @returns {{ head: DataView, scans: Bytes[] }}
 */
function splitParts(bytes, called) {
  const view = viewOf(bytes);
  /** @type {Bytes | null} */
  let head = null;
  /** @type {Bytes[]} */
  const scans = [];
  let place = SIGNATURE.length;
  for (let count = 1, ended = false; place < bytes.length && !ended; count += 1) {
    if (count > MOST_PARTS) {
      throw new CharacterError(
        `${called} is cut into more than ${MOST_PARTS} parts; save the picture again as a plain PNG.`,
      );
    }
    const start = place + 8;
    const length = place + 12 <= bytes.length ? view.getUint32(place) : bytes.length;
    if (start + length + 4 > bytes.length) {
      throw damaged(called, 'it is cut short');
    }
    const kind = String.fromCharCode(...bytes.subarray(place + 4, start));
    place = start + length + 4;
    if ((kind === 'IHDR') !== (count === 1) || (count === 1 && length !== 13)) {
      throw damaged(called, 'it does not begin as a PNG does');
    }
    if (!PIXELS.includes(kind)) {
      // By the format, a part without which the picture would be shown wrongly.
      if (!(bytes[start - 4] & 0x20)) {
        throw new CharacterError(`${called} has a part that is no part of plain PNG files; save it as a plain PNG.`);
      }
      continue;
    }
    const content = bytes.subarray(start, start + length);
    if (crc32(bytes.subarray(start - 4, start + length)) !== view.getUint32(start + length)) {
      throw damaged(called, 'a checksum does not match');
    }
    if (kind === 'IHDR') {
      head = content;
    } else if (kind === 'IDAT') {
      scans.push(content);
    }
    ended = kind === 'IEND';
  }
  if (head === null || scans.length === 0) {
    throw damaged(called, 'it has no pixels');
  }
  return { head: viewOf(head), scans };
}

/**
 * Packed bytes unpacked: so many of them, and never more; null when they are others.
 *
 * @param {Bytes[]} parts
 * @param {number} wanted
 * @returns {Promise<Bytes | null>}
 */
async function unpack(parts, wanted) {
  const stream = new Blob(parts).stream().pipeThrough(new DecompressionStream('deflate'));
  const reader = stream.getReader();
  const result = new Uint8Array(wanted);
  let at = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) {
        return at === wanted ? result : null;
      }
      if (at + value.length > wanted) {
        await reader.cancel();
        return null;
      }
      result.set(value, at);
      at += value.length;
    }
  } catch {
    return null;
  }
}

/**
 * Takes the filters out of rows of 1 + 4 * columns bytes, in place; whether all are known.
 *
 * @param {Bytes} rows
 * @param {number} columns
 * @param {number} count
 * @returns {Promise<boolean>}
 */
async function unfilter(rows, columns, count) {
  const turns = new Turns();
  const stride = 4 * columns + 1;
  for (let y = 0; y < count; y += 1) {
    const start = y * stride + 1;
    const filter = rows[start - 1];
    if (filter > 4) {
      return false;
    }
    await turns.leave();
    for (let at = start; at < start + stride - 1; at += 1) {
      const left = at >= start + 4 ? rows[at - 4] : 0;
      const above = y > 0 ? rows[at - stride] : 0;
      if (filter === 1) {
        rows[at] += left;
      } else if (filter === 2) {
        rows[at] += above;
      } else if (filter === 3) {
        rows[at] += (left + above) >> 1;
      } else if (filter === 4) {
        rows[at] += paeth(left, above, y > 0 && at >= start + 4 ? rows[at - stride - 4] : 0);
      }
    }
  }
  return true;
}

/**
 * @param {number} left
 * @param {number} above
 * @param {number} corner
 */
function paeth(left, above, corner) {
  const guess = left + above - corner;
  const toLeft = Math.abs(guess - left);
  const toAbove = Math.abs(guess - above);
  const toCorner = Math.abs(guess - corner);
  if (toLeft <= toAbove && toLeft <= toCorner) {
    return left;
  }
  return toAbove <= toCorner ? above : corner;
}

/**
 * @param {Bytes} rows unfiltered, with a byte before each
 * @param {number} columns
 * @param {number} count
 * @param {number[]} pass
 * @param {Bytes} picture
 * @param {number} edge of it
 */
function place(rows, columns, count, [x0, y0, dx, dy], picture, edge) {
  const stride = 4 * columns + 1;
  for (let y = 0; y < count; y += 1) {
    const row = rows.subarray(y * stride + 1, (y + 1) * stride);
    const target = 4 * ((y0 + y * dy) * edge + x0);
    if (dx === 1) {
      picture.set(row, target);
      continue;
    }
    for (let x = 0; x < columns; x += 1) {
      picture.set(row.subarray(4 * x, 4 * x + 4), target + 4 * x * dx);
    }
  }
}
