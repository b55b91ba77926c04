/**
 * The smooth noise by which a character drifts: what Godot's FastNoiseLite gives for TYPE_SIMPLEX_SMOOTH (OpenSimplex2S)
 * of two octaves.
 */

const PRIME_X = 501125321;
const PRIME_Y = 1136930381;
const HASH = 0x27d4eb2d;
const UNSKEW = (3 - Math.sqrt(3)) / 6;
const SKEW = (Math.sqrt(3) - 1) / 2;
/** Brings the sum of gradients to -1 to 1. */
const SCALE = 18.24196194486065;
const GAIN = 0.5;
const LACUNARITY = 2;

// 24 directions, 15 degrees apart, five times over, and 8 of 45 degrees to make up 128.
const GRADIENTS = [
  ...Array.from({ length: 120 }, (_, index) => 7.5 + 15 * index),
  ...Array.from({ length: 8 }, (_, index) => 22.5 + 45 * index),
].map((degrees) => [Math.sin((degrees * Math.PI) / 180), Math.cos((degrees * Math.PI) / 180)]);

/**
 * Two octaves at a place: about -1 to 1.
 *
 * @param {number} seed a whole number of 32 bits
 * @param {number} x
 * @param {number} y
 * @returns {number}
 */
export function smoothNoise(seed, x, y) {
  const skew = (x + y) * SKEW;
  const u = x + skew;
  const v = y + skew;
  const coarse = octave(seed, u, v);
  const fine = octave((seed + 1) | 0, u * LACUNARITY, v * LACUNARITY);
  return (coarse + GAIN * fine) / (1 + GAIN);
}

/**
 * @param {number} seed
 * @param {number} u
 * @param {number} v both in the skewed grid
 */
function octave(seed, u, v) {
  const column = Math.floor(u);
  const row = Math.floor(v);
  const xi = u - column;
  const yi = v - row;
  const back = (xi + yi) * UNSKEW;
  const x = xi - back;
  const y = yi - back;

  /** What the corner (i, j) of the cell gives. @param {number} i @param {number} j */
  const corner = (i, j) => {
    const dx = x - i + (i + j) * UNSKEW;
    const dy = y - j + (i + j) * UNSKEW;
    const near = 2 / 3 - dx * dx - dy * dy;
    return near > 0 ? near ** 4 * slope(seed, column + i, row + j, dx, dy) : 0;
  };

  const tilt = xi - yi;
  let sum = corner(0, 0) + corner(1, 1);
  if (back > UNSKEW) {
    sum += xi + tilt > 1 ? corner(2, 1) : corner(0, 1);
    sum += yi - tilt > 1 ? corner(1, 2) : corner(1, 0);
  } else {
    sum += xi + tilt < 0 ? corner(-1, 0) : corner(1, 0);
    sum += yi < tilt ? corner(0, -1) : corner(0, 1);
  }
  return sum * SCALE;
}

/**
 * @param {number} seed
 * @param {number} column
 * @param {number} row
 * @param {number} dx
 * @param {number} dy
 */
function slope(seed, column, row, dx, dy) {
  let hash = Math.imul(seed ^ Math.imul(column, PRIME_X) ^ Math.imul(row, PRIME_Y), HASH);
  hash ^= hash >> 15;
  const [gx, gy] = GRADIENTS[(hash >> 1) & 127];
  return dx * gx + dy * gy;
}
