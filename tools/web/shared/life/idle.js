/**
 * Lets head and body drift a little, slowly and never twice the same way. The rules and numbers of the addon's
 * anime_idle.gd.
 */

import { indexOf } from '../parameters.js';
import { SLOTS } from '../pose_layers.js';
import { smoothNoise } from './noise.js';

/** About so many changes of direction a second. */
const SPEED = 0.18;
const HEAD = 0.16;
const BODY = 0.14;
// Far enough apart in the noise that no two parameters move alike.
const APART = 1000;
const DRIFTING = [
  ...['head_x', 'head_y', 'neck_z'].map((name) => ({ index: indexOf(name), amplitude: HEAD })),
  ...['body_y', 'body_z'].map((name) => ({ index: indexOf(name), amplitude: BODY })),
];

export class Idle {
  #layer;
  #seed;
  #time = 0;

  /**
   * @param {import('../pose_layers.js').PoseLayers} layers
   * @param {number} [seed] the same gives the same motion
   */
  constructor(layers, seed = Math.floor(Math.random() * 2 ** 32) | 0) {
    this.#layer = layers.open(SLOTS.MOTION);
    this.#seed = seed;
  }

  /** @param {number} seconds */
  advance(seconds) {
    this.#time += seconds * SPEED;
    DRIFTING.forEach(({ index, amplitude }, number) => {
      this.#layer.add(index, amplitude * smoothNoise(this.#seed, this.#time, number * APART));
    });
  }

  /** Adds nothing. */
  rest() {
    this.#layer.clear();
  }
}
