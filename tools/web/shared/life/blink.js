/**
 * Lets a character blink: at natural intervals, now and then twice, closing fast and opening more slowly. The rules and
 * numbers of the addon's anime_blink.gd. Eyes that are closed already do not blink.
 */

import { indexOf } from '../parameters.js';
import { SLOTS } from '../pose_layers.js';
import { smoothstep } from './curves.js';

const MEAN_INTERVAL = 4.0;
const SPREAD = 0.5;
const SHORTEST_INTERVAL = 0.2;
const DOUBLE_BLINKS = 0.12;
const BEFORE_SECOND = 0.06;
const CLOSE_TIME = 0.07;
const CLOSED_TIME = 0.04;
const OPEN_TIME = 0.17;
// Lids that are closed further than the first number need not blink so far, and not at all from the second on.
const ALMOST_CLOSED = 0.5;
const CLOSED = 0.9;
// The right side of a parameter follows its left one.
const SIDES = [0, 1];
const WINK = indexOf('eye_wink_left');
const CLOSING = ['eye_wink_left', 'eye_happy_wink_left'].map(indexOf);
// What would add up with a closed lid to something that no eye does.
const YIELDING = [
  'eye_happy_wink_left',
  'eye_surprised_left',
  'eye_relaxed_left',
  'eye_unimpressed_left',
  'eye_raised_lower_eyelid_left',
].map(indexOf);

/**
 * @typedef {object} Chance
 * @property {() => number} uniform from 0 to 1
 * @property {() => number} normal of mean 0 and deviation 1
 */

/** @type {Chance} */
export const CHANCE = {
  uniform: Math.random,
  normal: () => Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random()),
};

export class Blink {
  #layers;
  #layer;
  #chance;
  #blinking = false;
  #doubled = false;
  #clock = 0;
  #wait;

  /**
   * @param {import('../pose_layers.js').PoseLayers} layers
   * @param {Chance} [chance]
   */
  constructor(layers, chance = CHANCE) {
    this.#layers = layers;
    this.#layer = layers.open(SLOTS.BLINK);
    this.#chance = chance;
    this.#wait = this.#interval();
  }

  /** How far a blink has closed the lids at present: 0 to 1. */
  get closure() {
    if (!this.#blinking) return 0;
    if (this.#clock < CLOSE_TIME) return smoothstep(0, 1, this.#clock / CLOSE_TIME);
    if (this.#clock < CLOSE_TIME + CLOSED_TIME) return 1;
    // Fast at first, then ever more slowly.
    const opened = Math.min(1, Math.max(0, (this.#clock - CLOSE_TIME - CLOSED_TIME) / OPEN_TIME));
    return (1 - opened) * (1 - opened);
  }

  /**
   * @param {number} seconds
   * @param {ArrayLike<number>} base the pose of 45 numbers below all layers
   */
  advance(seconds, base) {
    this.#clock += seconds;
    for (;;) {
      const length = this.#blinking ? CLOSE_TIME + CLOSED_TIME + OPEN_TIME : this.#wait;
      if (this.#clock < length) break;
      this.#clock -= length;
      if (this.#blinking) this.#wait = this.#nextWait();
      this.#blinking = !this.#blinking;
    }
    this.#closeLids(this.closure, base);
  }

  /** Leaves the lids alone. */
  rest() {
    this.#layer.clear();
  }

  /**
   * @param {number} closure
   * @param {ArrayLike<number>} base
   */
  #closeLids(closure, base) {
    this.#layer.clear();
    if (closure <= 0) return;
    const pose = this.#layers.compose(base, SLOTS.BLINK);
    for (const side of SIDES) {
      const closed = Math.max(...CLOSING.map((left) => pose[left + side]));
      const weight = closure * (1 - smoothstep(ALMOST_CLOSED, CLOSED, closed));
      this.#layer.put(WINK + side, 1, weight);
      for (const left of YIELDING) this.#layer.put(left + side, 0, weight);
    }
  }

  #nextWait() {
    this.#doubled = !this.#doubled && this.#chance.uniform() < DOUBLE_BLINKS;
    return this.#doubled ? BEFORE_SECOND : this.#interval();
  }

  #interval() {
    // The mean of a log-normal distribution is exp(mu + sigma^2 / 2).
    const mu = Math.log(MEAN_INTERVAL) - (SPREAD * SPREAD) / 2;
    return Math.max(SHORTEST_INTERVAL, Math.exp(mu + SPREAD * this.#chance.normal()));
  }
}
