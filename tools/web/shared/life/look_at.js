/**
 * Lets a character look somewhere: the eyes go first, head and body follow, and as they come the eyes turn back. The
 * rules and numbers of the addon's anime_look_at.gd.
 */

import { indexOf } from '../parameters.js';
import { SLOTS } from '../pose_layers.js';
import { Spring } from './curves.js';

// After so many time constants 95 % of the way is done: of an exponential, and of a critically damped spring.
const CONSTANTS_IN_MOST = 3.0;
const PASSED_IN_MOST = 4.74;
const EYES = 0.9;
const HEAD = 0.7;
const BODY = 0.25;
const EYES_RETURN = 0.6;
const EYE_TIME = 0.07;
const HEAD_TIME = 0.45;
const BODY_TIME = 0.9;
const ENGAGE_TIME = 0.3;
/** How far away, in pixels of the character's picture, something is looked at as far aside as can be. */
export const FULL_DISTANCE = 500;
const IRIS_X = indexOf('iris_rotation_x');
const IRIS_Y = indexOf('iris_rotation_y');
const HEAD_X = indexOf('head_x');
const HEAD_Y = indexOf('head_y');
const BODY_Y = indexOf('body_y');

/** @typedef {{x: number, y: number}} Direction x from -1 (the viewer's left) to 1, y from -1 (up) to 1 (down) */

export class LookAt {
  #layer;
  #gaze = { x: 0, y: 0 };
  #headX = new Spring();
  #headY = new Spring();
  #bodyY = new Spring();
  #engaged = 0;

  /** @param {import('../pose_layers.js').PoseLayers} layers */
  constructor(layers) {
    this.#layer = layers.open(SLOTS.LOOK);
  }

  /**
   * @param {number} seconds
   * @param {Direction | null} direction null: nothing is looked at
   */
  advance(seconds, direction) {
    const wanted = limited(direction ?? { x: 0, y: 0 });
    this.#engaged = approach(this.#engaged, direction ? 1 : 0, ENGAGE_TIME, seconds);
    this.#gaze.x = approach(this.#gaze.x, wanted.x, EYE_TIME, seconds);
    this.#gaze.y = approach(this.#gaze.y, wanted.y, EYE_TIME, seconds);
    follow(this.#headX, wanted.y, HEAD_TIME, seconds);
    follow(this.#headY, wanted.x, HEAD_TIME, seconds);
    follow(this.#bodyY, wanted.x, BODY_TIME, seconds);
    // On the screen right and down are positive; in a pose the viewer's left and up are.
    this.#put(IRIS_Y, -eye(this.#gaze.x, this.#headY.position));
    this.#put(IRIS_X, -eye(this.#gaze.y, this.#headX.position));
    this.#put(HEAD_Y, -HEAD * this.#headY.position);
    this.#put(HEAD_X, -HEAD * this.#headX.position);
    this.#put(BODY_Y, -BODY * this.#bodyY.position);
  }

  /** Whether anything is still to be seen of it. */
  get engaged() {
    return this.#engaged > 1e-3;
  }

  /**
   * @param {number} index
   * @param {number} value
   */
  #put(index, value) {
    this.#layer.put(index, Math.min(1, Math.max(-1, value)), this.#engaged);
  }
}

/**
 * @param {number} gaze
 * @param {number} head
 */
function eye(gaze, head) {
  return EYES * Math.min(1, Math.max(-1, gaze - EYES_RETURN * HEAD * head));
}

/**
 * @param {Direction} direction
 * @returns {Direction}
 */
function limited({ x, y }) {
  const length = Math.hypot(x, y);
  return length > 1 ? { x: x / length, y: y / length } : { x, y };
}

/**
 * Exponential: most (95 %) of the way is done after `most` seconds.
 *
 * @param {number} value
 * @param {number} goal
 * @param {number} most
 * @param {number} seconds
 */
function approach(value, goal, most, seconds) {
  return goal + (value - goal) * Math.exp((-CONSTANTS_IN_MOST * seconds) / most);
}

/**
 * @param {Spring} spring
 * @param {number} goal
 * @param {number} most
 * @param {number} seconds
 */
function follow(spring, goal, most, seconds) {
  spring.advance(goal, PASSED_IN_MOST / (2 * Math.PI * most), seconds);
}
