// @ts-check
/**
 * A tracked face as the mapping reads it: the 52 coefficients (ARKit's blendshapes) and the turn of the head. Landmarks
 * and blendshapes both become one, as the protocols do in the addon.
 *
 * @module
 */

/**
 * @typedef {object} Face
 * @property {Record<string, number>} values coefficients by ARKit's names, each from 0 to 1; what is missing is 0
 * @property {[number, number, number]} turn of the head in degrees: looking down, turning left and leaning right are
 *     positive (face_points.js)
 */

/** The coefficients that the mapping reads; all others make no difference. */
export const COEFFICIENTS = Object.freeze([
  'browDownLeft',
  'browDownRight',
  'browInnerUp',
  'browOuterUpLeft',
  'browOuterUpRight',
  'cheekSquintLeft',
  'cheekSquintRight',
  'eyeBlinkLeft',
  'eyeBlinkRight',
  'eyeLookDownLeft',
  'eyeLookDownRight',
  'eyeLookInLeft',
  'eyeLookInRight',
  'eyeLookOutLeft',
  'eyeLookOutRight',
  'eyeLookUpLeft',
  'eyeLookUpRight',
  'eyeWideLeft',
  'eyeWideRight',
  'jawOpen',
  'mouthFrownLeft',
  'mouthFrownRight',
  'mouthFunnel',
  'mouthLowerDownLeft',
  'mouthLowerDownRight',
  'mouthPucker',
  'mouthShrugUpper',
  'mouthSmileLeft',
  'mouthSmileRight',
]);

/** @param {number} value */
export const clamp01 = (value) => Math.min(1, Math.max(0, value));

/**
 * From 0 at `low` to 1 at `high`; 0 when there is no way between them.
 *
 * @param {number} value @param {number} low @param {number} high
 */
export const ramp = (value, low, high) => (high > low ? clamp01((value - low) / (high - low)) : 0);

/**
 * All of it as numbers, to filter: the coefficients in the order of COEFFICIENTS, then the turn in units of 30 degrees,
 * so that each of them moves by about 1.
 *
 * @param {Face} face
 * @returns {number[]}
 */
export const faceNumbers = ({ values, turn }) => [
  ...COEFFICIENTS.map((name) => values[name] ?? 0),
  ...turn.map((a) => a / 30),
];

/**
 * The inverse of faceNumbers.
 *
 * @param {readonly number[]} numbers
 * @returns {Face}
 */
export function faceFrom(numbers) {
  const values = Object.fromEntries(COEFFICIENTS.map((name, index) => [name, clamp01(numbers[index])]));
  const [x, y, z] = numbers.slice(COEFFICIENTS.length).map((a) => a * 30);
  return { values, turn: [x, y, z] };
}

/**
 * A face less its neutral one, as the addon calibrates: a coefficient at the neutral face's value is 0, at 1 it is 1.
 *
 * @param {Face} face @param {Face} neutral
 * @returns {Face}
 */
export function relativeTo({ values, turn }, neutral) {
  /** @type {Record<string, number>} */
  const relative = {};
  for (const [name, value] of Object.entries(values)) {
    const rest = neutral.values[name] ?? 0;
    relative[name] = Math.max(0, value - rest) / Math.max(1 - rest, 0.01);
  }
  return { values: relative, turn: [turn[0] - neutral.turn[0], turn[1] - neutral.turn[1], turn[2] - neutral.turn[2]] };
}
