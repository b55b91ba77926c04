// A character's picture pixel by pixel, in 64 bits and as slowly as that goes: what a graphics card's picture is held
// against (tha4_core/student.py says what is computed).

import { BODY_POSE, FACE_GRID, FACE_LEFT, FACE_POSE, FACE_TOP } from '../reading/networks.js';
import { PICTURE } from '../reading/png.js';

const OMEGA = 30;

/** @typedef {import('../reading/character.js').Character} Character */
/** @typedef {import('../reading/weights.js').Layer} Layer */

/** Pixels of one pose. What neighbours share is computed once. */
export class Evaluation {
  #character;
  #pose;
  /** Features and, where answers are summed, what a level and those before it answer. @type {Map<string, number[][]>} */
  #known = new Map();

  /**
   * @param {Character} character
   * @param {Float32Array} pose
   */
  constructor(character, pose) {
    this.#character = character;
    this.#pose = Array.from(pose);
  }

  /**
   * A pixel, straight-alpha sRGB, 0 to 255.
   *
   * @param {number} x
   * @param {number} y
   * @returns {number[]}
   */
  pixel(x, y) {
    const [flowX, flowY, blend, ...direct] = this.#answer(this.#character.networks.body.length - 1, x, y)[1];
    const place = [x + (flowX * PICTURE) / 2, y + (flowY * PICTURE) / 2];
    const warped = interpolated(place, PICTURE, (column, row) => this.#picture(column, row));
    const [red, green, blue, alpha] = warped.map((value, at) => (value + (direct[at] - value) * blend + 1) / 2);
    const seen = Math.min(Math.max(alpha, 0), 1);
    if (Math.round(seen * 255) === 0) {
      return [0, 0, 0, 0];
    }
    return [...[red, green, blue].map((value) => 255 * encoded(Math.min(Math.max(value / seen, 0), 1))), 255 * seen];
  }

  /**
   * A level's features, and its answer.
   *
   * @param {number} level
   * @param {number} x
   * @param {number} y
   * @returns {number[][]}
   */
  #answer(level, x, y) {
    const key = `${level} ${x} ${y}`;
    let found = this.#known.get(key);
    if (!found) {
      const { networks, weights } = this.#character;
      const { grid } = networks.body[level];
      const isLast = level === networks.body.length - 1;
      const coarse = level === 0 ? [[], []] : this.#upsampled(level - 1, x, y);
      const features = sines(weights.body[level], [...coarse[0], ...placeOf(x, y, grid), ...this.#pose.slice(0, BODY_POSE)]);
      const head = isLast ? weights.last : weights.heads[level];
      const own = head ? linear(head, features) : [];
      found = [features, networks.summed && level > 0 ? own.map((value, at) => value + coarse[1][at]) : own];
      this.#known.set(key, found);
    }
    return found;
  }

  /**
   * A coarser level's features and answer at a pixel of the next one.
   *
   * @param {number} level
   * @param {number} x
   * @param {number} y
   * @returns {number[][]}
   */
  #upsampled(level, x, y) {
    const edge = this.#character.networks.body[level].grid;
    const place = [(x + 0.5) / 2 - 0.5, (y + 0.5) / 2 - 0.5];
    return [0, 1].map((part) => interpolated(place, edge, (column, row) => this.#answer(level, column, row)[part]));
  }

  /**
   * The picture with the face painted into it, as the networks see it.
   *
   * @param {number} x
   * @param {number} y
   * @returns {number[]}
   */
  #picture(x, y) {
    const [column, row] = [x - FACE_LEFT, y - FACE_TOP];
    if (Math.min(column, row) >= 0 && Math.max(column, row) < FACE_GRID) {
      const layers = this.#character.weights.face;
      const inputs = [...placeOf(column, row, FACE_GRID), ...this.#pose.slice(0, FACE_POSE)];
      return linear(layers[layers.length - 1], sines(layers.slice(0, -1), inputs));
    }
    const at = 4 * (y * PICTURE + x);
    const [red, green, blue, alpha] = Array.from(this.#character.picture.subarray(at, at + 4), (byte) => byte / 255);
    return [...[red, green, blue].map((value) => 2 * decoded(value) * alpha - 1), 2 * alpha - 1];
  }
}

/**
 * @param {number} x
 * @param {number} y
 * @param {number} grid
 */
function placeOf(x, y, grid) {
  return [(2 * x + 1) / grid - 1, (2 * y + 1) / grid - 1];
}

/**
 * @param {Layer[]} layers
 * @param {number[]} inputs
 */
function sines(layers, inputs) {
  return layers.reduce((values, layer) => linear(layer, values).map((value) => Math.sin(OMEGA * value)), inputs);
}

/**
 * @param {Layer} layer
 * @param {number[]} values
 */
function linear({ weight, bias, inputs, outputs }, values) {
  return Array.from({ length: outputs }, (_, output) => {
    let sum = bias[output];
    for (let input = 0; input < inputs; input += 1) {
      sum += weight[output * inputs + input] * values[input];
    }
    return sum;
  });
}

/**
 * Between the four pixels around a place, which is moved inside.
 *
 * @param {number[]} place
 * @param {number} edge
 * @param {(column: number, row: number) => number[]} at
 */
function interpolated(place, edge, at) {
  const [x, y] = place.map((value) => Math.min(Math.max(value, 0), edge - 1));
  const [left, top] = [Math.floor(x), Math.floor(y)];
  const [right, bottom] = [Math.min(left + 1, edge - 1), Math.min(top + 1, edge - 1)];
  const mixed = (/** @type {number[]} */ one, /** @type {number[]} */ other, /** @type {number} */ share) =>
    one.map((value, index) => value + (other[index] - value) * share);
  const above = mixed(at(left, top), at(right, top), x - left);
  return mixed(above, mixed(at(left, bottom), at(right, bottom), x - left), y - top);
}

/** @param {number} value of sRGB, 0 to 1 */
function decoded(value) {
  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
}

/** @param {number} value of linear light, 0 to 1 */
function encoded(value) {
  return value <= 0.003130804953560372 ? 12.92 * value : 1.055 * value ** (1 / 2.4) - 0.055;
}
