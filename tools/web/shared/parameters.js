/** The 45 parameters by name, for code that is not run with names that may be wrong. */

import { PARAMETERS } from '../engines/web/parameters.js';
import { indicesOf } from '../engines/web/pose.js';

export { PARAMETERS, indicesOf };

/** How many there are. */
export const SIZE = PARAMETERS.length;

/**
 * Where one parameter stands in a pose.
 *
 * @param {string} name
 * @returns {number}
 */
export function indexOf(name) {
  const [index] = indicesOf(name);
  if (index === undefined) {
    throw new Error(`there is no parameter named ${name}`);
  }
  return index;
}

/**
 * A number within a parameter's range.
 *
 * @param {number} index
 * @param {number} value
 * @returns {number}
 */
export function clamped(index, value) {
  const { min, max } = PARAMETERS[index];
  return Math.min(max, Math.max(min, value));
}
