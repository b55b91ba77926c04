// An interpreter of pickles that knows plain values and a few names, and runs nothing. The twin of
// tha4_core/files/plain_pickle.py: what PyTorch writes for tensors takes some forty instructions of a small stack
// machine; these are here, and anything else is refused.

import { viewOf } from './bytes.js';

export const MOST_PICKLE_BYTES = 4 << 20;
/** Our largest network, of 466 tensors, takes 30,000. */
const MOST_INSTRUCTIONS = 250_000;
const MOST_NAME = 200;
const MOST_WHOLE_BYTES = 16;
const MOST_DEPTH = 32;
const MOST_VALUES = 250_000;
/** Instructions that make instances of classes, sets, bytes and buffers. */
const FOREIGN = new Set([
  ...Array.from('ioBC', (letter) => letter.charCodeAt(0)),
  ...[0x81, 0x82, 0x83, 0x84, 0x8e, 0x8f, 0x90, 0x91, 0x92, 0x96, 0x97, 0x98],
]);
const ORDERED = 'collections OrderedDict';

/** A pickle that is damaged, cut short, or larger than any of ours. */
export class PickleError extends Error {}

/** A pickle of something that is no plain value; the text is its name, or empty. */
export class ForeignObjectError extends PickleError {}

/** A name of the caller's table, as a value in a pickle. */
export class Name {
  /** @param {string} text "module name" */
  constructor(text) {
    this.text = text;
  }
}

/** A tuple, which is no list: nothing can be added to it. */
export class Tuple {
  /** @param {unknown[]} items */
  constructor(items) {
    this.items = items;
  }
}

const MARK = Symbol('mark');

/** @typedef {import('./bytes.js').Bytes} Bytes */
/** @typedef {Map<string, ((parts: unknown[]) => unknown) | null>} Names what a name makes of its arguments */

/**
 * The value of a pickle: numbers, texts, null, booleans, arrays, Tuples, Maps with texts or numbers as keys, and what
 * the two make. Throws PickleError, and what `names` and `persistent` throw.
 *
 * @param {Bytes} bytes
 * @param {Names} names those that may occur, besides collections OrderedDict
 * @param {(reference: unknown) => unknown} persistent what an external reference stands for
 * @returns {unknown}
 */
export function readPickle(bytes, names, persistent) {
  const table = new Map([...names, [ORDERED, orderedDictionary]]);
  const value = new Machine(bytes, /** @type {Names} */ (table), persistent).run();
  countOf(value, 0, new Map());
  return value;
}

/** @param {unknown} condition */
function check(condition) {
  if (!condition) {
    throw new PickleError('the pickle is damaged');
  }
}

/** @param {unknown[]} parts */
function orderedDictionary(parts) {
  check(parts.length === 0 || (parts.length === 1 && (parts[0] instanceof Tuple || Array.isArray(parts[0]))));
  const pairs = parts.length === 0 ? [] : itemsOf(parts[0]);
  return new Map(
    pairs.map((pair) => {
      const [key, value, ...rest] = itemsOf(pair);
      check(itemsOf(pair).length === 2 && rest.length === 0);
      return [keyOf(key), value];
    }),
  );
}

/**
 * @param {unknown} value
 * @returns {unknown[]}
 */
function itemsOf(value) {
  check(value instanceof Tuple || Array.isArray(value));
  return value instanceof Tuple ? value.items : /** @type {unknown[]} */ (value);
}

/** @param {unknown} value */
function keyOf(value) {
  check(typeof value === 'string' || Number.isSafeInteger(value));
  return /** @type {string | number} */ (value);
}

/**
 * How many values there are in a value. Throws PickleError when there are too many, or it holds itself.
 *
 * @param {unknown} value
 * @param {number} depth
 * @param {Map<unknown, number>} known
 * @returns {number}
 */
function countOf(value, depth, known) {
  if (!(Array.isArray(value) || value instanceof Tuple || value instanceof Map)) {
    return 1;
  }
  check(depth < MOST_DEPTH);
  let count = known.get(value);
  if (count === undefined) {
    const parts = value instanceof Map ? [...value.values()] : itemsOf(value);
    count = parts.reduce((/** @type {number} */ sum, part) => sum + countOf(part, depth + 1, known), 1);
    check(count <= MOST_VALUES);
    known.set(value, count);
  }
  return count;
}

/** The stack, the memo, and the instructions. */
class Machine {
  #place = 0;
  /** @type {unknown[]} */
  #stack = [];
  /** @type {Map<number, unknown>} */
  #memo = new Map();
  #bytes;
  #view;
  #names;
  #persistent;

  /**
   * @param {Bytes} bytes
   * @param {Names} names
   * @param {(reference: unknown) => unknown} persistent
   */
  constructor(bytes, names, persistent) {
    this.#bytes = bytes.subarray(0, MOST_PICKLE_BYTES);
    this.#view = viewOf(this.#bytes);
    this.#names = names;
    this.#persistent = persistent;
  }

  /** @returns {unknown} */
  run() {
    for (let count = 0; count < MOST_INSTRUCTIONS; count += 1) {
      const code = this.#number(1);
      if (code === 0x2e) {
        check(this.#stack.length === 1);
        return this.#pop();
      }
      this.#step(code);
    }
    throw new PickleError('the pickle has too many instructions');
  }

  /** @param {number} code */
  #step(code) {
    const letter = code < 0x80 ? String.fromCharCode(code) : code;
    switch (letter) {
      case 0x80: {
        const protocol = this.#number(1);
        return check(protocol >= 2 && protocol <= 5);
      }
      case 0x95:
        return void this.#take(8);
      case '(':
        return this.#push(MARK);
      case 'N':
        return this.#push(null);
      case 0x88:
        return this.#push(true);
      case 0x89:
        return this.#push(false);
      case 'K':
        return this.#push(this.#number(1));
      case 'M':
        return this.#push(this.#number(2));
      case 'J':
        return this.#push(this.#number(4) | 0);
      case 'G':
        return this.#push(this.#view.getFloat64(this.#take(8)));
      case 0x8a:
        return this.#push(this.#whole());
      case 'U':
      case 0x8c:
        return this.#push(this.#text(1));
      case 'T':
      case 'X':
        return this.#push(this.#text(4));
      case ']':
        return this.#push([]);
      case '}':
        return this.#push(new Map());
      case ')':
        return this.#push(new Tuple([]));
      case 0x85:
      case 0x86:
      case 0x87:
        return this.#push(new Tuple(Array.from({ length: code - 0x84 }, () => this.#pop()).reverse()));
      case 't':
        return this.#push(new Tuple(this.#popToMark()));
      case 'a':
        return this.#extend([this.#pop()]);
      case 'e':
        return this.#extend(this.#popToMark());
      case 's': {
        const value = this.#pop();
        return this.#setItems([this.#pop(), value]);
      }
      case 'u':
        return this.#setItems(this.#popToMark());
      case 'q':
        return this.#memoize(this.#number(1));
      case 'r':
        return this.#memoize(this.#number(4));
      case 0x94:
        return this.#memoize(this.#memo.size);
      case 'h':
        return this.#recall(this.#number(1));
      case 'j':
        return this.#recall(this.#number(4));
      case 'c': {
        const module = this.#line();
        return this.#name(`${module} ${this.#line()}`);
      }
      case 0x93: {
        const name = this.#pop();
        const module = this.#pop();
        check(typeof name === 'string' && typeof module === 'string');
        return this.#name(`${module} ${name}`);
      }
      case 'Q':
        return this.#push(this.#persistent(this.#pop()));
      case 'R':
        return this.#reduce();
      case 'b': {
        // A network's state dict has attributes (_metadata), which nobody needs.
        const state = this.#pop();
        return check(state instanceof Map && this.#stack.at(-1) instanceof Map);
      }
      default:
        throw FOREIGN.has(code) ? new ForeignObjectError('') : new PickleError('an unknown instruction');
    }
  }

  /**
   * Where so many bytes lie that come next.
   *
   * @param {number} count
   */
  #take(count) {
    const start = this.#place;
    check(start + count <= this.#bytes.length);
    this.#place += count;
    return start;
  }

  /** @param {1 | 2 | 4} size */
  #number(size) {
    const at = this.#take(size);
    if (size === 1) {
      return this.#view.getUint8(at);
    }
    return size === 2 ? this.#view.getUint16(at, true) : this.#view.getUint32(at, true);
  }

  /** A whole number of so many bytes as they say. */
  #whole() {
    const length = this.#number(1);
    check(length <= MOST_WHOLE_BYTES);
    const at = this.#take(length);
    let value = 0n;
    for (let index = length - 1; index >= 0; index -= 1) {
      value = (value << 8n) | BigInt(this.#bytes[at + index]);
    }
    return Number(BigInt.asIntN(8 * Math.max(length, 1), value));
  }

  /** @param {1 | 4} size */
  #text(size) {
    const length = this.#number(size);
    return this.#decoded(this.#take(length), length);
  }

  #line() {
    const end = this.#bytes.subarray(this.#place, this.#place + MOST_NAME).indexOf(0x0a);
    check(end >= 0);
    const at = this.#take(end + 1);
    return this.#decoded(at, end);
  }

  /**
   * @param {number} at
   * @param {number} length
   */
  #decoded(at, length) {
    try {
      return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(this.#bytes.subarray(at, at + length));
    } catch {
      throw new PickleError('the pickle is damaged');
    }
  }

  /** @param {unknown} value */
  #push(value) {
    this.#stack.push(value);
  }

  #pop() {
    check(this.#stack.length > 0);
    const value = this.#stack.pop();
    check(value !== MARK);
    return value;
  }

  #popToMark() {
    const mark = this.#stack.lastIndexOf(MARK);
    check(mark >= 0);
    const values = this.#stack.splice(mark);
    return values.slice(1);
  }

  /** @param {unknown[]} values */
  #extend(values) {
    const target = this.#stack.at(-1);
    check(Array.isArray(target));
    for (const value of values) {
      /** @type {unknown[]} */ (target).push(value);
    }
  }

  /** @param {unknown[]} flat keys and values by turns */
  #setItems(flat) {
    const target = this.#stack.at(-1);
    check(target instanceof Map && flat.length % 2 === 0);
    for (let at = 0; at < flat.length; at += 2) {
      /** @type {Map<unknown, unknown>} */ (target).set(keyOf(flat[at]), flat[at + 1]);
    }
  }

  /** @param {number} place */
  #memoize(place) {
    check(this.#stack.length > 0 && this.#stack.at(-1) !== MARK);
    this.#memo.set(place, this.#stack.at(-1));
  }

  /** @param {number} place */
  #recall(place) {
    check(this.#memo.has(place));
    this.#push(this.#memo.get(place));
  }

  /** @param {string} text */
  #name(text) {
    if (!this.#names.has(text)) {
      throw new ForeignObjectError(text.replaceAll(' ', '.'));
    }
    this.#push(new Name(text));
  }

  #reduce() {
    const parts = this.#pop();
    const name = this.#pop();
    const call = name instanceof Name ? this.#names.get(name.text) : null;
    check(call && parts instanceof Tuple);
    this.#push(/** @type {(parts: unknown[]) => unknown} */ (call)(/** @type {Tuple} */ (parts).items));
  }
}
