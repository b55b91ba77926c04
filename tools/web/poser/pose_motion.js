/** The pose that the sliders have: set at once by a hand, or on its way to a mood. */

import { PARAMETERS, SIZE, clamped, indicesOf } from '../shared/parameters.js';
import { smoothstep } from '../shared/life/curves.js';

/** Seconds from one mood to another. */
const BLEND = 0.3;

/** @typedef {Record<string, {value: number, weight: number}>} Expression a partial pose, by parameter */

export class PoseMotion {
  #pose = new Float32Array(SIZE);
  #from = this.#pose;
  #to = this.#pose;
  #elapsed = BLEND;

  /** The pose at present: 45 numbers. Read only. */
  get pose() {
    return this.#pose;
  }

  /** The pose that it has, or is on its way to. */
  get goal() {
    return this.#elapsed < BLEND ? this.#to : this.#pose;
  }

  /**
   * Has a pose at once.
   *
   * @param {ArrayLike<number>} pose
   */
  set(pose) {
    this.#pose = Float32Array.from(pose, (value, index) => clamped(index, value));
    this.#elapsed = BLEND;
  }

  /**
   * Sets some parameters at once; the others go on to where they are on their way to.
   *
   * @param {readonly number[]} indices
   * @param {number} value
   */
  setParameters(indices, value) {
    for (const pose of new Set([this.#pose, this.#from, this.#to])) {
      for (const index of indices) {
        pose[index] = clamped(index, value);
      }
    }
  }

  /**
   * Sets out for a pose.
   *
   * @param {ArrayLike<number>} pose
   */
  moveTo(pose) {
    this.#from = this.#pose.slice();
    this.#to = Float32Array.from(pose, (value, index) => clamped(index, value));
    this.#elapsed = 0;
  }

  /**
   * Goes on. True when the pose is another.
   *
   * @param {number} seconds
   */
  advance(seconds) {
    if (this.#elapsed >= BLEND) {
      return false;
    }
    this.#elapsed += seconds;
    const share = smoothstep(0, BLEND, this.#elapsed);
    this.#pose = share < 1 ? this.#from.map((value, index) => value + (this.#to[index] - value) * share) : this.#to.slice();
    return true;
  }
}

/**
 * The whole pose of an expression on top of rest.
 *
 * @param {Expression} expression
 * @returns {Float32Array}
 */
export function expressionPose(expression) {
  const pose = new Float32Array(SIZE);
  for (const [name, { value, weight }] of Object.entries(expression)) {
    for (const index of indicesOf(name)) {
      pose[index] = value * weight;
    }
  }
  return pose;
}

/**
 * A pose such as nobody thought of: one mood's or another's share of each part of the face, and a turn of the head.
 *
 * @param {readonly Expression[]} expressions of which it is made
 * @param {() => number} [random] from 0 to 1
 * @returns {Float32Array}
 */
export function surprisingPose(expressions, random = Math.random) {
  const pose = new Float32Array(SIZE);
  for (const part of new Set(PARAMETERS.map(({ category }) => category))) {
    const drawn = expressions.length ? expressionPose(expressions[Math.floor(random() * expressions.length)]) : pose;
    const turned = part.endsWith('_rotation');
    PARAMETERS.forEach(({ category, min, max }, index) => {
      if (category === part) {
        pose[index] = turned ? (min + (max - min) * random()) * 0.7 : drawn[index];
      }
    });
  }
  return pose;
}
