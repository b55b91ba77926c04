// Poses: 45 numbers in the order of PARAMETERS.

import { PoseError } from './errors.js';
import { PARAMETERS } from './parameters.js';

/** How many parameters there are. */
export const POSE_SIZE = PARAMETERS.length;

/**
 * A pose as engines take it: each number clamped into its range. Throws PoseError when there are not 45 of them, or one
 * is NaN, infinite or no number.
 *
 * @param {ArrayLike<number>} values
 * @returns {Float32Array<ArrayBuffer>} a new array
 */
export function clampPose(values) {
  if (values?.length !== POSE_SIZE) {
    throw new PoseError(`a pose is ${POSE_SIZE} numbers, but this one has ${values?.length ?? 'none'}.`);
  }
  return Float32Array.from(PARAMETERS, ({ name, min, max }, index) => {
    const value = values[index];
    if (typeof value !== 'number' || !Number.isFinite(value)) {
      throw new PoseError(
        `pose parameter ${name} (index ${index}) is ${String(value)}, not a finite number; give a number from ${min}` +
          ` to ${max}.`,
      );
    }
    return Math.min(Math.max(value, min), max);
  });
}

/**
 * Where a parameter stands in a pose: one index, those of both sides for a group's name, none for an unknown name.
 *
 * @param {string} name
 * @returns {number[]}
 */
export function indicesOf(name) {
  const index = PARAMETERS.findIndex((parameter) => parameter.name === name);
  return index >= 0
    ? [index]
    : PARAMETERS.flatMap((parameter, place) => (parameter.group === name ? [place] : []));
}

/**
 * Named values as a pose; what is not named rests at 0, and a group's name sets both sides. Throws PoseError.
 *
 * @param {Record<string, number>} values
 * @returns {Float32Array<ArrayBuffer>}
 */
export function poseFromNames(values) {
  const pose = Array(POSE_SIZE).fill(0);
  for (const [name, value] of Object.entries(values)) {
    const indices = indicesOf(name);
    if (indices.length === 0) {
      throw new PoseError(`there is no pose parameter named '${name.slice(0, 64)}'; PARAMETERS lists them.`);
    }
    for (const index of indices) {
      pose[index] = value;
    }
  }
  return clampPose(pose);
}
