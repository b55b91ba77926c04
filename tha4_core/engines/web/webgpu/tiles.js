// Which tiles of each stage a region needs: those that can be seen, and of the coarser levels those that they read.

import { GRID, TILE } from '../reading/visibility.js';
import { TILE_WIDTH } from './plan.js';

/** @typedef {import('../reading/details.js').Region} Region */
/** @typedef {import('./plan.js').Stage} Stage */

/**
 * For each of the body's stages its tiles, from the coarsest stage: column, and row shifted left by 16 bits.
 *
 * @param {Stage[]} stages coarse to fine
 * @param {Region} region
 * @param {Uint8Array | null} masks
 * @param {number} lean the way in which the pose leans
 * @returns {Uint32Array<ArrayBuffer>[]}
 */
export function tilesOf(stages, region, masks, lean) {
  /** @type {Uint32Array<ArrayBuffer>[]} */
  const lists = [];
  let fine = seenIn(stages[stages.length - 1], region, masks, lean);
  lists.unshift(listOf(fine));
  for (let index = stages.length - 2; index >= 0; index -= 1) {
    fine = readBy(fine, stages[index]);
    lists.unshift(listOf(fine));
  }
  return lists;
}

/**
 * Every tile of a stage.
 *
 * @param {Stage} stage
 */
export function allTiles(stage) {
  const grid = emptyGrid(stage);
  grid.marks.fill(1);
  return listOf(grid);
}

/**
 * A stage's tiles, each marked or not.
 *
 * @typedef {object} Grid
 * @property {number} columns
 * @property {number} height of a tile in pixels
 * @property {Uint8Array} marks row by row
 */

/**
 * @param {Stage} stage
 * @returns {Grid}
 */
function emptyGrid({ edge, pixels }) {
  const height = pixels / TILE_WIDTH;
  const columns = edge / TILE_WIDTH;
  return { columns, height, marks: new Uint8Array(columns * (edge / height)) };
}

/**
 * @param {Stage} stage the finest
 * @param {Region} region
 * @param {Uint8Array | null} masks
 * @param {number} lean
 */
function seenIn(stage, [x, y, width, height], masks, lean) {
  const grid = emptyGrid(stage);
  for (let row = Math.floor(y / grid.height); row * grid.height < y + height; row += 1) {
    for (let column = Math.floor(x / TILE_WIDTH); column * TILE_WIDTH < x + width; column += 1) {
      grid.marks[row * grid.columns + column] = isSeen(column, row * grid.height, grid.height, masks, lean);
    }
  }
  return grid;
}

/**
 * @param {number} column of masks' tiles, which are as wide
 * @param {number} top in pixels
 * @param {number} height in pixels
 * @param {Uint8Array | null} masks
 * @param {number} lean
 */
function isSeen(column, top, height, masks, lean) {
  if (!masks) {
    return 1;
  }
  let seen = 0;
  for (let row = Math.floor(top / TILE[1]); row * TILE[1] < top + height; row += 1) {
    seen |= masks[row * GRID[0] + column] >> lean;
  }
  return seen & 1;
}

/**
 * The tiles of a coarser stage that marked tiles read: pixels at half their places, and one beyond on each side.
 *
 * @param {Grid} fine
 * @param {Stage} stage the coarser one
 */
function readBy(fine, stage) {
  const grid = emptyGrid(stage);
  const last = stage.edge - 1;
  fine.marks.forEach((mark, at) => {
    if (!mark) {
      return;
    }
    const left = (at % fine.columns) * TILE_WIDTH;
    const top = Math.floor(at / fine.columns) * fine.height;
    const [firstColumn, lastColumn] = span(left, TILE_WIDTH, last, TILE_WIDTH);
    const [firstRow, lastRow] = span(top, fine.height, last, grid.height);
    for (let row = firstRow; row <= lastRow; row += 1) {
      grid.marks.fill(1, row * grid.columns + firstColumn, row * grid.columns + lastColumn + 1);
    }
  });
  return grid;
}

/**
 * The first and the last coarser tile that fine pixels read.
 *
 * @param {number} start
 * @param {number} size
 * @param {number} last the coarser grid's last pixel
 * @param {number} tile a coarser tile's size
 */
function span(start, size, last, tile) {
  const first = Math.max((start >> 1) - 1, 0);
  const end = Math.min(((start + size - 1) >> 1) + 1, last);
  return [Math.floor(first / tile), Math.floor(end / tile)];
}

/** @param {Grid} grid */
function listOf({ marks, columns }) {
  const tiles = [];
  for (let at = 0; at < marks.length; at += 1) {
    if (marks[at]) {
      tiles.push((at % columns) | (Math.floor(at / columns) << 16));
    }
  }
  return Uint32Array.from(tiles);
}
