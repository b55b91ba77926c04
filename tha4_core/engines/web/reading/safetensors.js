// Named float32 tensors in the bytes of a safetensors file, which are not trusted: every place and size is checked
// before it is used. The file is the size of its head (64 bits), the head (JSON), the numbers.

import { CharacterError } from '../errors.js';
import { areFinite, floatsOf, textOf, viewOf } from './bytes.js';

/** The longest head that is read; a character's has 2 KB. */
const MOST_HEAD = 64 << 10;
const MOST_DIMENSIONS = 4;

/** @typedef {import('./bytes.js').Bytes} Bytes */
/**
 * @typedef {object} Tensor
 * @property {number[]} shape its dimensions, from the outermost
 * @property {Float32Array<ArrayBuffer>} values finite, the last dimension's neighbours beside each other
 */

/**
 * The tensors by name. Throws CharacterError.
 *
 * @param {Bytes} bytes
 * @param {string} called what messages call the file
 * @returns {Map<string, Tensor>}
 */
export function readSafetensors(bytes, called) {
  const damaged = () => new CharacterError(`${called} is not a safetensors file, or is damaged.`);
  const size = bytes.length >= 8 ? Number(viewOf(bytes).getBigUint64(0, true)) : 0;
  if (size < 2 || size > bytes.length - 8) {
    throw damaged();
  }
  if (size > MOST_HEAD) {
    throw new CharacterError(
      `${called} has a head of ${size} bytes, but no character's is longer than ${MOST_HEAD >> 10} KiB.`,
    );
  }
  const head = parseHead(bytes.subarray(8, 8 + size));
  if (head === null) {
    throw damaged();
  }
  const data = bytes.subarray(8 + size);
  /** @type {Map<string, Tensor>} */
  const tensors = new Map();
  /** @type {[number, number][]} */
  const spans = [];
  for (const [name, entry] of head) {
    const shape = wholeNumbers(entry?.shape, data.length);
    const place = wholeNumbers(entry?.data_offsets, data.length);
    const count = shape === null ? -1 : shape.reduce((product, length) => product * length, 1);
    if (shape === null || place === null || place.length !== 2 || place[1] - place[0] !== 4 * count) {
      throw damaged();
    }
    if (entry.dtype !== 'F32') {
      throw new CharacterError(`${called}: tensor '${name.slice(0, 80)}' is of another type than float32.`);
    }
    const values = floatsOf(data.subarray(place[0], place[1]));
    if (!areFinite(values)) {
      throw new CharacterError(
        `${called}: tensor '${name.slice(0, 80)}' holds NaN or infinity; the training that made it failed.`,
      );
    }
    tensors.set(name, { shape, values });
    spans.push([place[0], place[1]]);
  }
  // No tensor lies over another, and nothing between them.
  spans.sort((first, second) => first[0] - second[0] || first[1] - second[1]);
  let end = 0;
  for (const [start, next] of spans) {
    if (start !== end) {
      throw damaged();
    }
    end = next;
  }
  if (end !== data.length) {
    throw damaged();
  }
  return tensors;
}

/**
 * The entries of a head; null when it is none.
 *
 * @param {Bytes} bytes
 * @returns {[string, any][] | null}
 */
function parseHead(bytes) {
  const text = textOf(bytes);
  if (text === null) {
    return null;
  }
  try {
    const head = JSON.parse(text);
    if (typeof head !== 'object' || head === null || Array.isArray(head)) {
      return null;
    }
    return Object.entries(head).filter(([name]) => name !== '__metadata__');
  } catch {
    return null;
  }
}

/**
 * Up to four whole numbers from 0 to a greatest one; null when it is anything else.
 *
 * @param {unknown} value
 * @param {number} most
 * @returns {number[] | null}
 */
function wholeNumbers(value, most) {
  const good =
    Array.isArray(value) &&
    value.length >= 1 &&
    value.length <= MOST_DIMENSIONS &&
    value.every((number) => Number.isInteger(number) && number >= 0 && number <= most);
  return good ? value : null;
}
