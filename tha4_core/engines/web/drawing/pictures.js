// What is asked for, checked; and pictures made smaller.

import { UserError } from '../errors.js';
import { PICTURE } from '../reading/png.js';

/** @typedef {import('../reading/details.js').Region} Region */
/** How many times as many pixels a larger picture has each way; 1: it is none. @typedef {1 | 2 | 4} Times */
/**
 * Straight-alpha sRGB RGBA8, row by row.
 *
 * @typedef {object} Picture
 * @property {number} width
 * @property {number} height
 * @property {Uint8ClampedArray<ArrayBuffer>} data
 */
/**
 * What part of the picture is drawn, and how large.
 *
 * @typedef {object} View
 * @property {Region} region
 * @property {[number, number]} size width and height in pixels
 * @property {Times} times
 */

/** Scales of larger pictures. */
const LARGER = [2, 4];
/** @type {Region} */
const WHOLE = [0, 0, PICTURE, PICTURE];

/**
 * A region and a scale that were asked for. Throws UserError.
 *
 * @param {{ region?: ArrayLike<number>, scale?: number }} [wish]
 * @returns {View}
 */
export function viewOf({ region = WHOLE, scale = 1 } = {}) {
  const numbers = Array.from(region ?? []);
  if (numbers.length !== 4 || !numbers.every(Number.isInteger)) {
    throw new UserError('a region is four whole numbers [x, y, width, height]; leave it out for the whole picture.');
  }
  const [x, y, width, height] = numbers;
  if (Math.min(x, y) < 0 || Math.min(width, height) < 1 || Math.max(x + width, y + height) > PICTURE) {
    throw new UserError(
      `region x=${x} y=${y} width=${width} height=${height} is empty or leaves the picture; it must lie inside` +
        ` ${PICTURE}x${PICTURE}.`,
    );
  }
  if (typeof scale !== 'number' || !((scale > 0 && scale <= 1) || LARGER.includes(scale))) {
    throw new UserError(
      `pictures are drawn at a scale above 0 and up to 1, or of 2 or 4, not ${String(scale)}; leave it out for 1.`,
    );
  }
  const times = /** @type {Times} */ (Math.max(scale, 1));
  return { region: [x, y, width, height], size: [scaled(width, scale), scaled(height, scale)], times };
}

/**
 * Whether a view is smaller than its region.
 *
 * @param {View} view
 */
export function isShrunk({ region, size }) {
  return region[2] > size[0] || region[3] > size[1];
}

/**
 * To the nearest whole number, halves to the even one, as every engine's.
 *
 * @param {number} side
 * @param {number} scale
 */
function scaled(side, scale) {
  const exact = side * scale;
  const whole = Math.floor(exact);
  const rest = exact - whole;
  return Math.max(whole + Number(rest > 0.5 || (rest === 0.5 && whole % 2 === 1)), 1);
}

/**
 * A picture at a smaller size: Hamming's filter, colours weighed by alpha, as the other engines' pictures are made
 * smaller.
 *
 * @param {Uint8ClampedArray<ArrayBuffer>} pixels
 * @param {number} width
 * @param {number} height
 * @param {[number, number]} size
 * @returns {Picture}
 */
export function shrink(pixels, width, height, [newWidth, newHeight]) {
  const columns = weightsOf(width, newWidth);
  const rows = weightsOf(height, newHeight);
  // Rows first made narrower, with colours weighed by alpha: [height][newWidth][4].
  const narrow = new Float32Array(4 * newWidth * height);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < newWidth; x += 1) {
      const { first, weights } = columns[x];
      let red = 0;
      let green = 0;
      let blue = 0;
      let alpha = 0;
      weights.forEach((weight, index) => {
        const at = 4 * (y * width + first + index);
        const share = weight * pixels[at + 3];
        red += share * pixels[at];
        green += share * pixels[at + 1];
        blue += share * pixels[at + 2];
        alpha += share;
      });
      narrow.set([red, green, blue, alpha], 4 * (y * newWidth + x));
    }
  }
  const data = new Uint8ClampedArray(4 * newWidth * newHeight);
  for (let y = 0; y < newHeight; y += 1) {
    const { first, weights } = rows[y];
    for (let x = 0; x < newWidth; x += 1) {
      const sums = [0, 0, 0, 0];
      weights.forEach((weight, index) => {
        const at = 4 * ((first + index) * newWidth + x);
        for (let channel = 0; channel < 4; channel += 1) {
          sums[channel] += weight * narrow[at + channel];
        }
      });
      const alpha = sums[3];
      if (Math.round(alpha) > 0) {
        data.set([sums[0] / alpha, sums[1] / alpha, sums[2] / alpha, alpha], 4 * (y * newWidth + x));
      }
    }
  }
  return { width: newWidth, height: newHeight, data };
}

/**
 * For each pixel of a smaller row the first pixel of the larger one that counts, and the weights from there on.
 *
 * @param {number} from
 * @param {number} to
 */
function weightsOf(from, to) {
  const ratio = from / to;
  const width = Math.max(ratio, 1);
  return Array.from({ length: to }, (_, place) => {
    const center = (place + 0.5) * ratio;
    const first = Math.max(Math.floor(center - width + 0.5), 0);
    const end = Math.min(Math.floor(center + width + 0.5), from);
    const raw = Array.from({ length: end - first }, (__, index) => hamming((first + index - center + 0.5) / width));
    const sum = raw.reduce((total, weight) => total + weight, 0);
    return { first, weights: raw.map((weight) => weight / sum) };
  });
}

/** @param {number} distance */
function hamming(distance) {
  const x = Math.abs(distance) * Math.PI;
  if (x === 0) {
    return 1;
  }
  return x >= Math.PI ? 0 : (Math.sin(x) / x) * (0.54 + 0.46 * Math.cos(x));
}
