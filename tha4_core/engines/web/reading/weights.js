// A student's weights, checked against what its networks are said to be. The twin of tha4_core/character/weights.py.

import { CharacterError } from '../errors.js';
import { bodyShapes, faceShapes } from './networks.js';
import { signatureOf, arePublished } from './networks.js';
import { Sha256 } from './sha256.js';

/** @typedef {import('./networks.js').Networks} Networks */
/** @typedef {import('./safetensors.js').Tensor} Tensor */
/**
 * A linear map: weight * input + bias.
 *
 * @typedef {object} Layer
 * @property {number} inputs
 * @property {number} outputs
 * @property {Float32Array<ArrayBuffer>} weight `outputs` rows of `inputs` numbers
 * @property {Float32Array<ArrayBuffer>} bias `outputs` numbers
 */
/**
 * Both networks: sine layers, each of which puts out sin(30 (weight * input + bias)), and linear maps.
 *
 * @typedef {object} Weights
 * @property {Layer[]} face the sine layers, then the linear one
 * @property {Layer[][]} body each level's sine layers, coarse to fine
 * @property {Layer[]} heads the coarser levels' linear maps, where answers are summed
 * @property {Layer} last the finest level's
 */

/**
 * Checks names and shapes of what a file holds. Throws CharacterError.
 *
 * @param {Map<string, Tensor>} tensors
 * @param {'face' | 'body'} network
 * @param {Networks} networks
 * @param {string} called what messages call the file
 */
export function checkWeights(tensors, network, networks, called) {
  const known = { face: faceShapes(networks), body: bodyShapes(networks) };
  const shapes = known[network];
  const missing = [...shapes.keys()].filter((name) => !tensors.has(name));
  const extra = [...tensors.keys()].filter((name) => !shapes.has(name));
  if (missing.length || extra.length) {
    const other = network === 'face' ? 'body' : 'face';
    if (tensors.size === known[other].size && [...tensors.keys()].every((name) => known[other].has(name))) {
      throw new CharacterError(
        `${called} holds a ${other} morpher, but a ${network} morpher is needed; are the two files swapped?`,
      );
    }
    const problem = missing.length
      ? `misses tensor '${missing[0]}'`
      : `has an unknown tensor '${extra[0].slice(0, 100)}'`;
    throw new CharacterError(
      `${called} is not a ${network} morpher of THA4: it ${problem} (${missing.length} missing, ${extra.length}` +
        ' unknown).',
    );
  }
  for (const [name, shape] of shapes) {
    const found = /** @type {Tensor} */ (tensors.get(name)).shape;
    if (found.length !== shape.length || found.some((size, index) => size !== shape[index])) {
      throw new CharacterError(
        `${called}: tensor '${name}' has shape (${found.join(', ')}), but (${shape.join(', ')}) is needed.`,
      );
    }
  }
}

/**
 * Checked tensors as layers.
 *
 * @param {Networks} networks
 * @param {Map<string, Tensor>} face
 * @param {Map<string, Tensor>} body
 * @returns {Weights}
 */
export function weightsOf(networks, face, body) {
  const faceLayers = layersIn(faceShapes(networks), face);
  const bodyLayers = layersIn(bodyShapes(networks), body);
  let at = 0;
  const levels = networks.body.map(({ widths }) => bodyLayers.slice(at, (at += widths.length)));
  return {
    face: faceLayers,
    body: levels,
    heads: bodyLayers.slice(at, -1),
    last: bodyLayers[bodyLayers.length - 1],
  };
}

/**
 * SHA-256 (hex) of picture and networks: what decides how it looks, as Character.look in Python.
 *
 * @param {Uint8Array} picture
 * @param {Networks} networks
 * @param {Map<string, Tensor>} face
 * @param {Map<string, Tensor>} body
 */
export function lookOf(picture, networks, face, body) {
  const sum = new Sha256().update(picture);
  const encoder = new TextEncoder();
  for (const tensors of [face, body]) {
    for (const name of [...tensors.keys()].sort()) {
      const { values } = /** @type {Tensor} */ (tensors.get(name));
      sum.update(encoder.encode(name));
      sum.update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
    }
  }
  if (!arePublished(networks)) {
    sum.update(encoder.encode(signatureOf(networks)));
  }
  return sum.hex();
}

/**
 * @param {import('./networks.js').Shapes} shapes
 * @param {Map<string, Tensor>} tensors
 * @returns {Layer[]}
 */
function layersIn(shapes, tensors) {
  /** @type {Layer[]} */
  const layers = [];
  for (const [name, [outputs, inputs]] of shapes) {
    if (name.endsWith('.weight')) {
      const weight = /** @type {Tensor} */ (tensors.get(name)).values;
      const bias = /** @type {Tensor} */ (tensors.get(name.replace(/weight$/, 'bias'))).values;
      layers.push({ inputs, outputs, weight, bias });
    }
  }
  return layers;
}
