// Which tiles of a character's picture can ever be seen, from its visibility.json, which is not trusted. Somebody who
// leans to the left is never seen on the far right, so there is a mask for each of four ways to lean. The twin of
// tha4_core/visibility.py.

import { CharacterError } from '../errors.js';

/** Width and height of a tile in pixels of the picture; tiles in a row, and rows. */
export const TILE = /** @type {const} */ ([8, 4]);
export const GRID = /** @type {const} */ ([64, 128]);
/** How many ways there are to lean. */
const LEANS = 4;
/** Where a pose has what leans it: neck_z and body_z. */
const LEANING = [41, 43];
const FORMAT = 'tha4-visibility';
/** With one mask, for poses that lean in whatever way; and with one for each. */
const VERSION_OF_ONE_MASK = 2;
const VERSION = 3;
const ROW = /^[0-9a-fA-F]{16}$/;

/**
 * A byte for each tile, row by row: bit i is set where something of it can be seen in poses that lean in way i.
 * Throws CharacterError.
 *
 * @param {unknown} document parsed visibility.json
 * @param {() => string} look SHA-256 (hex) of picture and weights that it must have been measured on
 * @param {string} called what messages call the file
 * @returns {Uint8Array<ArrayBuffer>}
 */
export function readMasks(document, look, called) {
  if (typeof document !== 'object' || document === null || /** @type {any} */ (document).format !== FORMAT) {
    throw new CharacterError(`${called} is not a visibility mask: "format" must be "${FORMAT}".`);
  }
  const { version, character, tiles: listed } = /** @type {Record<string, unknown>} */ (document);
  if (version !== VERSION && version !== VERSION_OF_ONE_MASK) {
    throw new CharacterError(`${called} has a version that this program does not know; update it.`);
  }
  if (typeof character !== 'string' || character !== look()) {
    throw new CharacterError(
      `${called} was measured on another character; write the file again with tools/convert.py.`,
    );
  }
  const masks = version === VERSION ? listed : Array(LEANS).fill(listed);
  if (!Array.isArray(masks) || masks.length !== LEANS || !masks.every(isMask)) {
    throw new CharacterError(
      `${called}: "tiles" must be ${LEANS} masks of ${GRID[1]} rows of ${GRID[0] / 4} hexadecimal digits.`,
    );
  }
  const tiles = new Uint8Array(GRID[0] * GRID[1]);
  masks.forEach((rows, lean) => {
    for (let index = 0; index < tiles.length; index += 1) {
      const x = index % GRID[0];
      const digit = parseInt(rows[(index - x) / GRID[0]][x >> 2], 16);
      tiles[index] |= ((digit >> (3 - (x & 3))) & 1) << lean;
    }
  });
  return tiles;
}

/**
 * The way in which a pose leans, from 0 to 3: bit 0 whether neck_z, bit 1 whether body_z is above 0.
 *
 * @param {Float32Array} pose
 * @returns {number}
 */
export function leanOf(pose) {
  return Number(pose[LEANING[0]] > 0) | (Number(pose[LEANING[1]] > 0) << 1);
}

/** @param {unknown} rows */
function isMask(rows) {
  return Array.isArray(rows) && rows.length === GRID[1] && rows.every((row) => typeof row === 'string' && ROW.test(row));
}
