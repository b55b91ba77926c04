// How a character's networks are laid out for the graphics card: stages, the sizes of their tiles, weights turned and
// scaled for the tile kernel. All of it follows from the networks' shapes. The twin of the addon's gpu_plan.gd; what it
// has shaders do once (turning weights, decoding the picture) or with few numbers (folding the pose) is done here.

import { EngineError } from '../errors.js';
import { BODY_CHANNELS, BODY_POSE, FACE_POSE } from '../reading/networks.js';

/** Threads of a work group of the tile kernel. */
export const THREADS = 128;
/** Width of a tile in pixels. */
export const TILE_WIDTH = 8;
/** A sine layer's sine is of 30 times its sum; the kernel's of so many turns. */
const TURNS = 30 / (2 * Math.PI);
/** A cosine is what the kernel computes: the sine of a quarter turn more. */
const QUARTER = 0.25;
/** Sums that a thread keeps for each of four pixels. */
const MOST_SUMS = 16;
/** Layers begin at whole cache lines. */
const ALIGNMENT = 16;
/** Pixels of a tile, from wide layers to narrow ones: the most channels for each. */
const TILES = [
  [64, 96],
  [32, 180],
  [16, 512],
  [8, 512],
];

/** @typedef {import('../reading/character.js').Character} Character */
/** @typedef {import('../reading/weights.js').Layer} Layer */
/**
 * A layer in a stage's shader: `inputs` channels to `outputs`, padded, each thread summing `sums` of them.
 *
 * @typedef {object} Step
 * @property {number} inputs
 * @property {number} outputs
 * @property {number} sums
 * @property {number} offset where its weights begin: [input][output], then its bias
 * @property {'sine' | 'store' | 'raw'} finish what becomes of its sums
 */
/**
 * One fused stage: places -> sine layers -> linear map.
 *
 * @typedef {object} Stage
 * @property {'face' | 'coarse' | 'finest'} kind
 * @property {number} edge of its grid
 * @property {number} pixels of a tile
 * @property {number} channels the most that are held at once
 * @property {number} first channels of the first layer
 * @property {number} constants where its first layer's constants begin
 * @property {boolean} readsCoarse whether it adds what the level before left
 * @property {number} answer from which channel on its results have the coarser level's answer added; -1: there is none
 * @property {Step[]} steps
 * @property {number} left numbers that it leaves for the next level
 * @property {number} shared bytes of shared memory
 */
/**
 * A first layer, whose constants are folded with the pose.
 *
 * @typedef {object} Fold
 * @property {Layer} layer
 * @property {number} place the column of x; y's and the pose's follow
 * @property {number} parameters how many values of the pose it sees
 */

export class Plan {
  /** The face, then the body's levels from the coarsest. @type {Stage[]} */
  stages = [];
  /** @type {Fold[]} */
  #folds = [];
  /** @type {{ offset: number, rows: Float32Array[], bias: number[], scales: number[], outputs: number }[]} */
  #turns = [];
  #turned = 0;
  #constants = 0;
  #snorm16;
  #room;

  /**
   * Throws EngineError when the graphics card cannot draw these networks.
   *
   * @param {Character} character
   * @param {boolean} snorm16 whether activations have 16 bits
   * @param {number} room bytes of shared memory that a work group may have
   */
  constructor({ networks, weights }, snorm16, room) {
    this.#snorm16 = snorm16;
    this.#room = room;
    this.#add('face', weights.face.slice(0, -1), /** @type {Layer} */ (weights.face.at(-1)), null, networks.face.grid, 0, FACE_POSE, false, -1);
    const { body, summed } = networks;
    body.forEach(({ grid }, index) => {
      const next = weights.body[index + 1]?.[0] ?? null;
      const features = index > 0 ? /** @type {number} */ (body[index - 1].widths.at(-1)) : 0;
      const head = next ? (weights.heads[index] ?? null) : weights.last;
      const answer = index > 0 && summed ? (next ? next.outputs : 0) : -1;
      this.#add(next ? 'coarse' : 'finest', weights.body[index], head, next, grid, features, BODY_POSE, index > 0, answer);
    });
  }

  /** All layers' weights, for the tile kernel. */
  turned() {
    const numbers = new Float32Array(this.#turned);
    for (const { offset, rows, bias, scales, outputs } of this.#turns) {
      const inputs = rows[0].length;
      rows.forEach((row, output) => {
        for (let input = 0; input < inputs; input += 1) {
          numbers[offset + input * outputs + output] = row[input] * scales[output];
        }
        numbers[offset + inputs * outputs + output] = bias[output];
      });
    }
    return numbers;
  }

  /**
   * The pose folded into the first layers' constants: for each channel the factors of x and y, and what is the same for
   * all pixels, in turns.
   *
   * @param {Float32Array} pose
   * @returns {Float32Array<ArrayBuffer>}
   */
  fold(pose) {
    const constants = new Float32Array(4 * this.#constants);
    let at = 0;
    for (const { layer, place, parameters } of this.#folds) {
      for (let channel = 0; channel < layer.outputs; channel += 1) {
        const row = channel * layer.inputs + place;
        let sum = layer.bias[channel];
        for (let index = 0; index < parameters; index += 1) {
          sum += layer.weight[row + 2 + index] * pose[index];
        }
        sum = sum * TURNS - QUARTER;
        constants[at] = layer.weight[row] * TURNS;
        constants[at + 1] = layer.weight[row + 1] * TURNS;
        // Whole turns are left out while there are many digits.
        constants[at + 2] = sum - Math.round(sum);
        at += 4;
      }
    }
    return constants;
  }

  /**
   * A stage of sine layers and linear maps at each of its pixels: of the next level's first layer, if there is one,
   * whose share of this level's features is the same for each pixel, and of the head.
   *
   * @param {Stage['kind']} kind
   * @param {Layer[]} layers
   * @param {Layer | null} head
   * @param {Layer | null} next
   * @param {number} edge
   * @param {number} features the first layer's inputs that come from the level before
   * @param {number} parameters
   * @param {boolean} readsCoarse
   * @param {number} answer
   */
  #add(kind, layers, head, next, edge, features, parameters, readsCoarse, answer) {
    const widest = Math.max(...layers.map((layer) => layer.outputs), next?.outputs ?? 0);
    const mapped = (next?.outputs ?? 0) + (head?.outputs ?? 0);
    const fits = TILES.filter(([pixels, most]) => widest <= most && this.#sharedOf(kind, layers, pixels) <= this.#room);
    const found = fits.find(([pixels]) => [...layers.map((layer) => layer.outputs), mapped].every((width) => sumsOf(width, pixels) <= MOST_SUMS));
    if (!found) {
      throw new EngineError(`its networks have layers of ${widest} channels, which are too many for the graphics card.`);
    }
    const [pixels] = found;
    const constants = this.#constants;
    this.#folds.push({ layer: layers[0], place: features, parameters });
    this.#constants += layers[0].outputs;
    const steps = layers.slice(1).map((layer) => {
      const rows = rowsOf(layer, layer.inputs);
      const bias = Array.from(layer.bias, (value) => value * TURNS - QUARTER);
      return this.#step(rows, bias, Array(layer.outputs).fill(TURNS), pixels, 'sine');
    });
    const last = /** @type {Layer} */ (layers.at(-1)).outputs;
    const rows = [...(next ? rowsOf(next, last) : []), ...(head ? rowsOf(head, last) : [])];
    const bias = [...Array(next?.outputs ?? 0).fill(0), ...(head?.bias ?? [])];
    const scales = [...Array(next?.outputs ?? 0).fill(TURNS), ...Array(head?.outputs ?? 0).fill(1)];
    const map = this.#step(rows, bias, scales, pixels, next ? 'store' : 'raw');
    this.stages.push({
      kind,
      edge,
      pixels,
      channels: heldBy(layers, pixels),
      first: layers[0].outputs,
      constants,
      readsCoarse,
      answer,
      steps: [...steps, map],
      left: next ? map.outputs * edge * edge : 0,
      shared: this.#sharedOf(kind, layers, pixels),
    });
  }

  /**
   * @param {Float32Array[]} rows
   * @param {number[]} bias
   * @param {number[]} scales
   * @param {number} pixels
   * @param {Step['finish']} finish
   * @returns {Step}
   */
  #step(rows, bias, scales, pixels, finish) {
    const sums = sumsOf(rows.length, pixels);
    const outputs = Math.ceil(rows.length / sums) * sums;
    const inputs = rows[0].length;
    const offset = this.#turned;
    this.#turns.push({ offset, rows, bias, scales, outputs });
    this.#turned = Math.ceil((offset + outputs * (inputs + 1)) / ALIGNMENT) * ALIGNMENT;
    return { inputs, outputs, sums, offset, finish };
  }

  /**
   * @param {Stage['kind']} kind
   * @param {Layer[]} layers
   * @param {number} pixels
   */
  #sharedOf(kind, layers, pixels) {
    return heldBy(layers, pixels) * pixels * (this.#snorm16 ? 2 : 4) + (kind === 'coarse' ? 0 : 8 * pixels * 4);
  }
}

/**
 * A pose's answer has so many channels; of a stage whose results are no other level's.
 *
 * @param {Stage} stage
 */
export function answerChannels({ kind }) {
  return kind === 'face' ? 4 : BODY_CHANNELS;
}

/**
 * The most channels that are held at once, with their padding.
 *
 * @param {Layer[]} layers
 * @param {number} pixels
 */
function heldBy(layers, pixels) {
  const padded = layers.slice(1).map(({ outputs }) => Math.ceil(outputs / sumsOf(outputs, pixels)) * sumsOf(outputs, pixels));
  return Math.max(layers[0].outputs, ...padded);
}

/**
 * Sums for each thread, an even number: so many that all groups of threads together have all outputs.
 *
 * @param {number} outputs
 * @param {number} pixels
 */
function sumsOf(outputs, pixels) {
  const sums = Math.ceil((outputs * pixels) / (THREADS * 4));
  return sums + (sums & 1);
}

/**
 * The first columns of a layer's rows.
 *
 * @param {Layer} layer
 * @param {number} columns
 */
function rowsOf({ weight, inputs, outputs }, columns) {
  return Array.from({ length: outputs }, (_, row) => weight.subarray(row * inputs, row * inputs + columns));
}
