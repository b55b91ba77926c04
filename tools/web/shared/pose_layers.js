/**
 * How a pose adds up: the base pose, then one layer after another, as in the addon's pose_layers.gd.
 *
 * A layer's outcome of a parameter is `below * (1 - weight) + amount`; the sum is clamped at the very end.
 */

import { SIZE, clamped } from './parameters.js';

/** The order of layers, from the lowest; the addon's names. */
export const SLOTS = Object.freeze({
  MOCAP: 0,
  EXPRESSION: 1,
  LOOK: 2,
  MOTION: 3,
  LIP_SYNC: 4,
  BLINK: 5,
  SPRING: 6,
  CODE: 7,
  END: 8,
});

/** One layer: for every parameter, how much of what lies below it takes away (weight) and how much it gives (amount). */
export class PoseLayer {
  /** @param {number} slot one of SLOTS */
  constructor(slot) {
    this.slot = slot;
    this.amounts = new Float32Array(SIZE);
    this.weights = new Float32Array(SIZE);
  }

  /**
   * Replaces a parameter: by all of `value` with the weight 1, by none of it with 0.
   *
   * @param {number} index
   * @param {number} value
   * @param {number} [weight]
   */
  put(index, value, weight = 1) {
    this.amounts[index] = value * weight;
    this.weights[index] = weight;
  }

  /**
   * Adds to a parameter.
   *
   * @param {number} index
   * @param {number} value
   */
  add(index, value) {
    this.amounts[index] = value;
    this.weights[index] = 0;
  }

  /** Leaves every parameter to what lies below. */
  clear() {
    this.amounts.fill(0);
    this.weights.fill(0);
  }
}

export class PoseLayers {
  /** @type {PoseLayer[]} */
  #layers = [];

  /**
   * A new layer, on top of those of its slot.
   *
   * @param {number} slot one of SLOTS
   * @returns {PoseLayer}
   */
  open(slot) {
    const layer = new PoseLayer(slot);
    const above = this.#layers.findIndex((other) => other.slot > slot);
    this.#layers.splice(above < 0 ? this.#layers.length : above, 0, layer);
    return layer;
  }

  /**
   * The pose of a base pose and of every layer whose slot comes before `end`.
   *
   * @param {ArrayLike<number>} base 45 numbers
   * @param {number} [end]
   * @returns {Float32Array} 45 numbers, a fresh array
   */
  compose(base, end = SLOTS.END) {
    const pose = Float32Array.from(base);
    for (const { slot, amounts, weights } of this.#layers) {
      if (slot >= end) break;
      for (let index = 0; index < SIZE; index++) pose[index] = pose[index] * (1 - weights[index]) + amounts[index];
    }
    return pose.map((value, index) => clamped(index, value));
  }
}
