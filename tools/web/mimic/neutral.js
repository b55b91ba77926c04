// @ts-check
/**
 * The neutral face: what a visitor looks like who looks straight ahead, collected from some frames and kept for the
 * next visit; until then a typical one.
 *
 * @module
 */

import { FEATURE_NUMBERS, featuresFrom, numbersOf } from './face_points.js';

/** @typedef {import('./face_points.js').Features} Features */

const EYE = Object.freeze({ open: 0.32, aside: 0.53, up: 0.065, lower: -0.08, brow: 0.26, corner: 0 });

/** A typical face, for as long as nobody has calibrated: the line from chin to forehead leans back by 10 degrees. */
export const TYPICAL = Object.freeze(
  /** @type {Features} */ ({ left: EYE, right: EYE, open: 0.02, inner: 0.54, wide: 0.61, turn: [10, 0, 0] }),
);

/**
 * How many frames a calibration takes; on a slow machine fewer, so that it is over before the visitor moves.
 */
export const FRAMES = 9;
export const FEWEST_FRAMES = 3;
/** Seconds after which the fewest are enough. */
export const LONG = 1;

const KEY = 'mimic.neutral.1';
// Wider than any face: what is kept in a browser can be anything.
const LIMIT = 180;

/**
 * The middle of each number over some frames (its median: a blink meanwhile does no harm).
 *
 * @param {readonly Features[]} frames at least one
 * @returns {Features}
 */
export function middleOf(frames) {
  const rows = frames.map(numbersOf);
  return featuresFrom(
    rows[0].map((_, column) => {
      const sorted = rows.map((row) => row[column]).sort((one, other) => one - other);
      const half = sorted.length >> 1;
      return sorted.length % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
    }),
  );
}

/**
 * Why a face cannot be the neutral one; empty when it can.
 *
 * @param {Features} features
 */
export function problemOf({ left, right, wide }) {
  const shut = Math.min(left.open, right.open) < 0.12;
  if (shut) return 'Your eyes seem to be closed: open them, look straight ahead and press Calibrate again.';
  if (!(wide > 0.2)) return 'Your mouth is hidden: show your whole face and press Calibrate again.';
  return '';
}

/**
 * The neutral face kept by an earlier visit; null when there is none, or none that can be used.
 *
 * @param {Pick<Storage, 'getItem'>} storage
 * @returns {Features | null}
 */
export function recall(storage) {
  try {
    /** @type {unknown} */
    const numbers = JSON.parse(storage.getItem(KEY) ?? 'null');
    if (!Array.isArray(numbers) || numbers.length !== FEATURE_NUMBERS) return null;
    if (!numbers.every((number) => typeof number === 'number' && Math.abs(number) <= LIMIT)) return null;
    const features = featuresFrom(numbers);
    return problemOf(features) ? null : features;
  } catch {
    return null; // no JSON, or a browser that keeps nothing
  }
}

/**
 * Keeps a neutral face for the next visit; false when the browser keeps nothing.
 *
 * @param {Pick<Storage, 'setItem' | 'removeItem'>} storage
 * @param {Features | null} features null forgets it
 */
export function keep(storage, features) {
  try {
    if (features === null) storage.removeItem(KEY);
    else storage.setItem(KEY, JSON.stringify(numbersOf(features).map((number) => Number(number.toFixed(5)))));
    return true;
  } catch {
    return false;
  }
}
