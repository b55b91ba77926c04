/** Lets a character breathe: in, out more slowly, and a short rest. The rules and numbers of the addon's anime_breath.gd. */

import { indexOf } from '../parameters.js';
import { SLOTS } from '../pose_layers.js';

/** Breaths a minute. */
const RATE = 14;
const DEPTH = 0.8;
const INHALING = 0.38;
const RESTING = 0.12;
const HEAD_MOTION = 0.04;
const BREATHING = indexOf('breathing');
const HEAD_X = indexOf('head_x');

export class Breath {
  #layer;
  #phase = 0;

  /** @param {import('../pose_layers.js').PoseLayers} layers */
  constructor(layers) {
    this.#layer = layers.open(SLOTS.MOTION);
  }

  /** How full the lungs are at present: 0 to 1. */
  get breath() {
    if (this.#phase < INHALING) return (1 - Math.cos((Math.PI * this.#phase) / INHALING)) / 2;
    const exhaling = 1 - INHALING - RESTING;
    return (1 + Math.cos(Math.PI * Math.min(1, (this.#phase - INHALING) / exhaling))) / 2;
  }

  /** @param {number} seconds */
  advance(seconds) {
    this.#phase = (this.#phase + (seconds * RATE) / 60) % 1;
    this.#layer.add(BREATHING, DEPTH * this.breath);
    this.#layer.add(HEAD_X, HEAD_MOTION * this.breath);
  }

  /** Adds nothing. */
  rest() {
    this.#layer.clear();
  }
}
