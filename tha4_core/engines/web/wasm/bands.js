// Cuts a region into bands of equal work, one for each worker. What a band's pixels are does not depend on the cuts.

import { GRID, TILE } from '../reading/visibility.js';

/** @typedef {import('../reading/details.js').Region} Region */

/**
 * At most so many bands, from top to bottom, that cover a region.
 *
 * @param {Region} region
 * @param {number} count
 * @param {Uint8Array | null} masks the character's
 * @param {number} lean the way in which the pose leans
 * @returns {Region[]}
 */
export function bandsOf([x, y, width, height], count, masks, lean) {
  const work = Array.from({ length: height }, (_, row) => workOf(x, width, y + row, masks, lean));
  const total = work.reduce((sum, one) => sum + one, 0);
  /** @type {Region[]} */
  const bands = [];
  let start = 0;
  let done = 0;
  for (let row = 0; row < height; row += 1) {
    done += work[row];
    const isLast = row === height - 1;
    // At rows of tiles: two workers that share one would both compute what it needs of the coarser levels.
    if (isLast || ((y + row + 1) % TILE[1] === 0 && bands.length < count - 1 && done * count >= total * (bands.length + 1))) {
      bands.push([x, y + start, width, row + 1 - start]);
      start = row + 1;
    }
  }
  return bands;
}

/**
 * How much there is to see in a row: tiles, and a little for each row in any case.
 *
 * @param {number} x
 * @param {number} width
 * @param {number} row
 * @param {Uint8Array | null} masks
 * @param {number} lean
 */
function workOf(x, width, row, masks, lean) {
  const first = Math.floor(x / TILE[0]);
  const end = Math.ceil((x + width) / TILE[0]);
  let seen = 0.25;
  for (let column = first; column < end; column += 1) {
    const tile = masks ? masks[Math.floor(row / TILE[1]) * GRID[0] + column] : 0xff;
    seen += (tile >> lean) & 1;
  }
  return seen;
}
