// @ts-check
/**
 * The neutral face: what a visitor looks like who looks straight ahead, collected from some frames and kept for the
 * next visit; until then a typical one.
 *
 * @module
 */

/** @typedef {import('./ways.js').Measure} Measure */
/** @typedef {import('./ways.js').Way} Way */

/**
 * How many frames a calibration takes; on a slow machine fewer, so that it is over before the visitor moves.
 */
export const FRAMES = 9;
export const FEWEST_FRAMES = 3;
/** Seconds after which the fewest are enough. */
export const LONG = 1;

// Wider than any face: what is kept in a browser can be anything.
const LIMIT = 180;

/**
 * The middle of each number over some frames (its median: a blink meanwhile does no harm).
 *
 * @param {readonly Measure[]} frames at least one
 * @returns {Measure}
 */
export function middleOf(frames) {
  return frames[0].map((_, column) => {
    const sorted = frames.map((row) => row[column]).sort((one, other) => one - other);
    const half = sorted.length >> 1;
    return sorted.length % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
  });
}

/**
 * The neutral face kept by an earlier visit; null when there is none, or none that can be used.
 *
 * @param {Pick<Storage, 'getItem'>} storage
 * @param {Way} way
 * @returns {Measure | null}
 */
export function recall(storage, way) {
  try {
    /** @type {unknown} */
    const numbers = JSON.parse(storage.getItem(way.name) ?? 'null');
    if (!Array.isArray(numbers) || numbers.length !== way.count) return null;
    if (!numbers.every((number) => typeof number === 'number' && Math.abs(number) <= LIMIT)) return null;
    return way.problemOf(numbers) ? null : numbers;
  } catch {
    return null; // no JSON, or a browser that keeps nothing
  }
}

/**
 * Keeps a neutral face for the next visit; false when the browser keeps nothing.
 *
 * @param {Pick<Storage, 'setItem' | 'removeItem'>} storage
 * @param {Way} way
 * @param {Measure | null} measure null forgets it
 */
export function keep(storage, way, measure) {
  try {
    if (measure === null) storage.removeItem(way.name);
    else storage.setItem(way.name, JSON.stringify(measure.map((number) => Number(number.toFixed(5)))));
    return true;
  } catch {
    return false;
  }
}
