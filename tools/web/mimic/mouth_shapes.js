// @ts-check
/**
 * How much of aaa, iii, uuu and ooo an open mouth shows: the mix of four vowels that comes nearest to a tracked mouth.
 *
 * A mouth is four numbers: how far the jaw and the lower lip are down, funnel, pucker. Wanted are the shares d, each
 * from 0 to 1, that minimise |d0 aaa + d1 iii + d2 uuu + d3 ooo - mouth| + 0.01 (d0 + d1 + d2 + d3), with the Euclidean
 * norm. The problem is convex. On each of its faces (every share at 0, at 1 or free) the minimum is known in closed
 * form, and the face whose minimum fulfils the conditions of Karush, Kuhn and Tucker has the answer: the method of the
 * addon's mouth_shapes.gd.
 *
 * @module
 */

// aaa, iii, uuu and ooo as mouths.
const SHAPES = [
  [1, 1, 0, 0],
  [0, 1, 0, 0],
  [0.5, 0.3, 0.25, 0.75],
  [1, 0.5, 0.5, 0.4],
];
const PENALTY = 0.01;
const TOLERANCE = 1e-9;
const FREE = 2;
const FACES = 3 ** SHAPES.length;

/**
 * Some of the shares are free: what the minimum needs to know of their shapes A (as columns).
 * @typedef {object} FreeShares
 * @property {number[]} shares which they are
 * @property {number[][]} inverse (A^T A)^-1
 * @property {number[]} step (A^T A)^-1 c, where c is the penalty's gradient
 * @property {number} steepness c^T (A^T A)^-1 c
 */

/** @param {readonly number[]} a @param {readonly number[]} b */
const dot = (a, b) => a.reduce((sum, value, place) => sum + value * b[place], 0);

/** For each set of free shares, a number of four bits. */
const SETS = Array.from({ length: 1 << SHAPES.length }, (_, bits) => prepare(bits));

/**
 * The shares of aaa, iii, uuu and ooo, each from 0 to 1.
 *
 * @param {readonly [number, number, number, number]} mouth jaw, lower lip, funnel, pucker; finite
 * @returns {[number, number, number, number]}
 */
export function mouthShares(mouth) {
  let best = [0, 0, 0, 0];
  let least = Infinity;
  for (let face = FACES - 1; face >= 0; face--) {
    const shares = minimumOn(face, mouth);
    if (shares === null) continue;
    if (isAnswer(face, shares, mouth)) return clamped(shares);
    // For when rounding hides the answer: the best of all faces.
    const cost = Math.hypot(...rest(shares, mouth)) + PENALTY * dot(shares, [1, 1, 1, 1]);
    if (cost < least) [least, best] = [cost, shares];
  }
  return clamped(best);
}

/** @param {readonly number[]} shares @returns {[number, number, number, number]} */
function clamped(shares) {
  const [a, i, u, o] = shares.map((share) => Math.min(1, Math.max(0, share)));
  return [a, i, u, o];
}

/** @param {number} face @param {number} share @returns {number} 0 or 1, where it stays, or FREE */
const digitOf = (face, share) => Math.floor(face / 3 ** share) % 3;

/**
 * The mouth less what some shares make of it.
 *
 * @param {readonly number[]} shares @param {readonly number[]} mouth
 */
const rest = (shares, mouth) =>
  mouth.map((value, row) => value - shares.reduce((sum, share, vowel) => sum + share * SHAPES[vowel][row], 0));

/**
 * The minimum on a face, without regard to the other faces; null when it lies outside or there is none.
 *
 * @param {number} face @param {readonly number[]} mouth
 * @returns {number[] | null}
 */
function minimumOn(face, mouth) {
  /** @type {number[]} */
  const shares = SHAPES.map((_, share) => (digitOf(face, share) === 1 ? 1 : 0));
  const bits = SHAPES.reduce((sum, _, share) => sum | (digitOf(face, share) === FREE ? 1 << share : 0), 0);
  const free = SETS[bits];
  if (free.steepness >= 1) return null;
  const left = rest(shares, mouth);
  const products = free.shares.map((share) => dot(SHAPES[share], left));
  const found = free.inverse.map((row) => dot(row, products));
  const nearest = [...shares];
  free.shares.forEach((share, place) => (nearest[share] = found[place]));
  // With the distance r that no mix of the free shapes can close, minimising sqrt(r^2 + y^T A^T A y) + c^T y.
  const distance = bits === SETS.length - 1 ? 0 : Math.hypot(...rest(nearest, mouth));
  const back = distance / Math.sqrt(1 - free.steepness);
  for (const [place, share] of free.shares.entries()) {
    shares[share] = found[place] - back * free.step[place];
    if (shares[share] < -TOLERANCE || shares[share] > 1 + TOLERANCE) return null;
  }
  return shares;
}

/**
 * Whether no share that is at 0 or 1 would better leave it.
 *
 * @param {number} face @param {readonly number[]} shares @param {readonly number[]} mouth
 */
function isAnswer(face, shares, mouth) {
  const left = rest(shares, mouth);
  const distance = Math.hypot(...left);
  if (distance < TOLERANCE) return true;
  return SHAPES.every((shape, share) => {
    const slope = PENALTY - dot(shape, left) / distance;
    const digit = digitOf(face, share);
    return !((digit === 0 && slope < -TOLERANCE) || (digit === 1 && slope > TOLERANCE));
  });
}

/** @param {number} bits @returns {FreeShares} */
function prepare(bits) {
  const shares = SHAPES.map((_, share) => share).filter((share) => bits & (1 << share));
  const inverse = invert(shares.map((one) => shares.map((other) => dot(SHAPES[one], SHAPES[other]))));
  const step = inverse.map(
    (row) =>
      PENALTY *
      dot(
        row,
        shares.map(() => 1),
      ),
  );
  return {
    shares,
    inverse,
    step,
    steepness:
      PENALTY *
      dot(
        step,
        shares.map(() => 1),
      ),
  };
}

/**
 * Gauss and Jordan; the matrix is symmetric and positive definite, so no rows need to be exchanged.
 *
 * @param {number[][]} matrix
 */
function invert(matrix) {
  const rows = matrix.map((row, place) => [...row, ...matrix.map((_, column) => (column === place ? 1 : 0))]);
  rows.forEach((pivot, place) => {
    const factor = 1 / pivot[place];
    pivot.forEach((value, column) => (pivot[column] = value * factor));
    for (const row of rows) {
      if (row === pivot) continue;
      const share = row[place];
      row.forEach((value, column) => (row[column] = value - share * pivot[column]));
    }
  });
  return rows.map((row) => row.slice(matrix.length));
}
