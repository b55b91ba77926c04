/** Everything that moves a character by itself, on top of the pose that it is given. */

import { PoseLayers } from '../pose_layers.js';
import { Blink } from './blink.js';
import { Breath } from './breath.js';
import { Idle } from './idle.js';
import { LookAt } from './look_at.js';

/** @typedef {'blink' | 'breath' | 'drift' | 'look'} Habit */

/** @type {readonly Habit[]} */
export const HABITS = Object.freeze(['blink', 'breath', 'drift', 'look']);

export class Life {
  #layers = new PoseLayers();
  #look = new LookAt(this.#layers);
  #breath = new Breath(this.#layers);
  #drift;
  #blink;

  /**
   * What it does; may be changed at any time.
   *
   * @type {Record<Habit, boolean>}
   */
  habits = { blink: true, breath: true, drift: true, look: true };

  /**
   * Each lives in another way, unless it is said how.
   *
   * @param {object} [chances]
   * @param {import('./blink.js').Chance} [chances.blinks]
   * @param {number} [chances.seed] of what it drifts by
   */
  constructor({ blinks, seed } = {}) {
    this.#drift = new Idle(this.#layers, seed);
    this.#blink = new Blink(this.#layers, blinks);
  }

  /**
   * The pose after so many seconds.
   *
   * @param {number} seconds
   * @param {ArrayLike<number>} base the pose of 45 numbers that is given
   * @param {import('./look_at.js').Direction | null} [direction] where there is something to look at
   * @returns {Float32Array} 45 numbers
   */
  advance(seconds, base, direction = null) {
    this.#look.advance(seconds, this.habits.look ? direction : null);
    for (const [habit, part] of /** @type {const} */ ([
      ['breath', this.#breath],
      ['drift', this.#drift],
    ])) {
      if (this.habits[habit]) {
        part.advance(seconds);
      } else {
        part.rest();
      }
    }
    if (this.habits.blink) {
      this.#blink.advance(seconds, base);
    } else {
      this.#blink.rest();
    }
    return this.#layers.compose(base);
  }
}
