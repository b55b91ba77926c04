// PyTorch files (torch.save) of plain float32 weights from strangers, read without unpickling: names, shapes, places and
// sizes are checked before a byte is copied. The twin of tha4_core/files/torch_files.py for the form since PyTorch 1.6, a
// zip of a pickle, data.pkl, and of each storage's bytes, data/KEY.

import { CharacterError } from '../errors.js';
import { areFinite, floatsOf, textOf } from './bytes.js';
import { ForeignObjectError, MOST_PICKLE_BYTES, Name, PickleError, Tuple, readPickle } from './plain_pickle.js';
import { ZipError, listMembers, storedBytes } from './zip_members.js';

const MOST_MEMBERS = 4096;
const MOST_DIMENSIONS = 8;
const MOST_COUNT = 2 ** 40;
const FLOAT = 'torch FloatStorage';
/** Types of storages that a pickle may name; those that are not float32 get a sentence of their own. */
const TYPES = new Map([
  [FLOAT, 'float32'],
  ['torch HalfStorage', 'float16'],
  ['torch BFloat16Storage', 'bfloat16'],
  ['torch DoubleStorage', 'float64'],
  ['torch LongStorage', 'int64'],
  ['torch IntStorage', 'int32'],
  ['torch ShortStorage', 'int16'],
  ['torch CharStorage', 'int8'],
  ['torch ByteStorage', 'uint8'],
]);

/** @typedef {import('./bytes.js').Bytes} Bytes */
/** @typedef {import('./safetensors.js').Tensor} Tensor */

/** Bytes that tensors lie in, as so many numbers of a type. */
class Storage {
  /**
   * @param {string} type
   * @param {Bytes} bytes
   */
  constructor(type, bytes) {
    this.type = type;
    this.bytes = bytes;
  }
}

/** A tensor: places are numbers, not bytes. */
class StoredTensor {
  /**
   * @param {Storage} storage
   * @param {number} offset
   * @param {number[]} shape
   * @param {number[]} strides
   */
  constructor(storage, offset, shape, strides) {
    this.storage = storage;
    this.offset = offset;
    this.shape = shape;
    this.strides = strides;
  }
}

/**
 * The tensors of a .pt file by name. Throws CharacterError.
 *
 * @param {Bytes} bytes
 * @param {string} called what messages call the file
 * @returns {Map<string, Tensor>}
 */
export function readStateDict(bytes, called) {
  const unreadable = `${called} is not a PyTorch file of plain weights`;
  const state = parse(bytes, unreadable);
  if (!(state instanceof Map) || ![...state.keys()].every((name) => typeof name === 'string')) {
    throw new CharacterError(`${unreadable}: it must hold a mapping from names to tensors.`);
  }
  /** @type {Map<string, Tensor>} */
  const tensors = new Map();
  let room = bytes.length;
  for (const [name, tensor] of state) {
    const shown = `'${name.slice(0, 100)}'`;
    room -= tensor instanceof StoredTensor ? 4 * countOf(tensor.shape) : 0;
    // Views, with stride 0 or many of one storage, can claim any size in a tiny file; nothing of ours does.
    if (!(tensor instanceof StoredTensor) || room < 0) {
      throw new CharacterError(`${called}: ${shown} is not a plain tensor of this file's own data.`);
    }
    if (tensor.storage.type !== 'float32') {
      throw new CharacterError(`${called}: tensor ${shown} is ${tensor.storage.type}, but float32 is needed.`);
    }
    const values = copyOf(tensor);
    if (!areFinite(values)) {
      throw new CharacterError(`${called}: tensor ${shown} holds NaN or infinity; the training that made it failed.`);
    }
    tensors.set(name, { shape: tensor.shape, values });
  }
  return tensors;
}

/**
 * @param {Bytes} bytes
 * @param {string} unreadable
 * @returns {unknown}
 */
function parse(bytes, unreadable) {
  try {
    if (textOf(bytes.subarray(0, 4)) !== 'PK\x03\x04') {
      throw new PickleError('it is no zip, as PyTorch writes since version 1.6; tools/convert.py reads older ones');
    }
    return parseZip(bytes);
  } catch (error) {
    if (error instanceof ForeignObjectError) {
      const named = error.message ? ` ('${error.message.slice(0, 100)}')` : '';
      throw new CharacterError(
        `${unreadable}: it holds other objects${named}, perhaps program code, which are never run; save the network's` +
          ' state_dict() alone.',
      );
    }
    if (error instanceof PickleError || error instanceof ZipError) {
      throw new CharacterError(`${unreadable}, or it is damaged or cut short (${error.message}); copy it again.`);
    }
    throw error;
  }
}

/** @param {unknown} condition */
function check(condition) {
  if (!condition) {
    throw new PickleError('it is damaged');
  }
}

/** @param {Bytes} bytes */
function parseZip(bytes) {
  const members = listMembers(bytes, MOST_MEMBERS);
  const pickles = [...members.keys()].filter((name) => name.endsWith('/data.pkl'));
  check(pickles.length === 1);
  const folder = pickles[0].slice(0, -'data.pkl'.length);
  /** @param {string} name */
  const content = (name) => {
    const member = members.get(folder + name);
    check(member);
    // PyTorch can be told to leave checksums out.
    return storedBytes(bytes, /** @type {import('./zip_members.js').Member} */ (member), true);
  };
  check(!members.has(`${folder}byteorder`) || textOf(content('byteorder')) === 'little');
  const pickle = content('data.pkl');
  check(pickle.length <= MOST_PICKLE_BYTES);

  /** @param {unknown} reference */
  const find = (reference) => {
    check(reference instanceof Tuple);
    const [kind, type, key, , count, ...view] = /** @type {Tuple} */ (reference).items;
    // A seventh part, a view's place in another storage, was written by versions below 0.4 alone.
    check(kind === 'storage' && type instanceof Name && TYPES.has(type.text) && typeof key === 'string');
    check(isCount(count) && (view.length === 0 || (view.length === 1 && view[0] === null)));
    const { text } = /** @type {Name} */ (type);
    const found = content(`data/${key}`);
    check(text !== FLOAT || found.length === 4 * /** @type {number} */ (count));
    return new Storage(/** @type {string} */ (TYPES.get(text)), found);
  };
  /** @type {import('./plain_pickle.js').Names} */
  const names = new Map([...TYPES.keys()].map((name) => [name, null]));
  names.set('torch._utils _rebuild_tensor_v2', tensorOf);
  names.set('torch._utils _rebuild_parameter', (parts) => {
    check(parts.length === 3);
    return parts[0];
  });
  return readPickle(pickle, names, find);
}

/** @param {unknown[]} parts */
function tensorOf(parts) {
  const [storage, offset, shape, strides, , , metadata] = parts;
  check((parts.length === 6 || parts.length === 7) && storage instanceof Storage && isCount(offset));
  // Metadata say that numbers stand for their negatives.
  check(!metadata || (metadata instanceof Map && metadata.size === 0));
  const sizes = countsOf(shape);
  const steps = countsOf(strides);
  check(sizes.length === steps.length && countOf(sizes.map((size) => Math.max(size, 1))) < MOST_COUNT);
  const place = /** @type {number} */ (offset);
  const { bytes, type } = /** @type {Storage} */ (storage);
  if (type === 'float32' && sizes.every((size) => size > 0)) {
    const last = sizes.reduce((sum, size, index) => sum + (size - 1) * steps[index], place);
    check(last < bytes.length / 4);
  }
  return new StoredTensor(/** @type {Storage} */ (storage), place, sizes, steps);
}

/**
 * @param {unknown} values
 * @returns {number[]}
 */
function countsOf(values) {
  const items = values instanceof Tuple ? values.items : values;
  check(Array.isArray(items) && items.length <= MOST_DIMENSIONS && items.every(isCount));
  return /** @type {number[]} */ (items);
}

/**
 * @param {unknown} value
 * @returns {value is number}
 */
function isCount(value) {
  return Number.isInteger(value) && /** @type {number} */ (value) >= 0 && /** @type {number} */ (value) < MOST_COUNT;
}

/** @param {number[]} shape */
function countOf(shape) {
  return shape.reduce((product, size) => product * size, 1);
}

/**
 * @param {StoredTensor} tensor a checked one
 * @returns {Float32Array<ArrayBuffer>}
 */
function copyOf({ storage, offset, shape, strides }) {
  const stored = floatsOf(storage.bytes);
  const count = countOf(shape);
  const values = new Float32Array(count);
  const place = shape.map(() => 0);
  let from = offset;
  for (let at = 0; at < count; at += 1) {
    values[at] = stored[from];
    // The next place, counted from the last dimension on.
    for (let axis = shape.length - 1; axis >= 0; axis -= 1) {
      place[axis] += 1;
      from += strides[axis];
      if (place[axis] < shape[axis]) {
        break;
      }
      from -= shape[axis] * strides[axis];
      place[axis] = 0;
    }
  }
  return values;
}
