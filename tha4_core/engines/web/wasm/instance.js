// One instance of the C++ engine (src/entry.cpp) with one character in it. It runs on the thread that makes it.

import { EngineError, sentenceOf } from '../errors.js';
import { GRID } from '../reading/visibility.js';
import { POSE_SIZE } from '../pose.js';

/** @typedef {import('../drawing/pictures.js').Times} Times */
/** @typedef {import('../reading/character.js').Character} Character */
/** @typedef {import('../reading/details.js').Region} Region */
/** @typedef {import('../reading/weights.js').Layer} Layer */
/** Of tha4_precision: 16 bits where a trial says that pictures stay alike; 32 bits; 16 bits. @typedef {0 | 1 | 2} Precision */
/**
 * A character as an instance takes it. It can be sent to workers.
 *
 * @typedef {object} Given
 * @property {Int32Array<ArrayBuffer>} description as src/entry.cpp has it
 * @property {Float32Array<ArrayBuffer>} numbers weights and biases
 * @property {Uint8Array<ArrayBuffer>} picture
 * @property {Uint8Array<ArrayBuffer> | null} drawing the picture drawn larger; null: what is wanted larger is enlarged
 * @property {Uint8Array<ArrayBuffer> | null} masks
 * @property {Precision} precision
 */
/**
 * @typedef {object} Exports
 * @property {WebAssembly.Memory} memory
 * @property {() => void} _initialize
 * @property {(size: number) => number} tha4_web_memory
 * @property {(place: number) => void} tha4_web_release
 * @property {(description: number, numbers: number, picture: number, drawing: number, edge: number,
 *   precision: number) => number} tha4_web_create
 * @property {(renderer: number) => void} tha4_web_destroy
 * @property {() => number} tha4_web_error
 * @property {(renderer: number) => number} tha4_web_fixed16
 * @property {(renderer: number, tiles: number, rows: number, columns: number) => number} tha4_web_visibility
 * @property {(renderer: number, pose: number, size: number, x: number, y: number, width: number, height: number,
 *   scale: number, out: number) => number} tha4_web_render
 */

/** @type {Record<'trial' | 'float32' | 'fixed16', Precision>} */
export const PRECISIONS = { trial: 0, float32: 1, fixed16: 2 };
/** A module that only browsers with SIMD of 128 bits take: a function that makes a vector of zeros. */
const SIMD = new Uint8Array([
  ...[0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11],
]);

/** Whether this browser runs the engine at all; else why not, as the end of a sentence. */
export function whyNoWasm() {
  if (typeof WebAssembly !== 'object') {
    return 'it has no WebAssembly';
  }
  return WebAssembly.validate(SIMD) ? '' : "its WebAssembly has no SIMD; update it";
}

/**
 * The compiled engine. Throws EngineError.
 *
 * @param {string | URL} url
 * @returns {Promise<WebAssembly.Module>}
 */
export async function compileEngine(url) {
  const why = whyNoWasm();
  if (why) {
    throw new EngineError(`this browser cannot draw with its processor: ${why}.`);
  }
  try {
    const answer = await fetch(url);
    if (!answer.ok) {
      throw new Error(`the server answers ${answer.status}`);
    }
    // Not compileStreaming: some hosts send another type than application/wasm.
    return await WebAssembly.compile(await answer.arrayBuffer());
  } catch (error) {
    throw new EngineError(
      `${String(url)} could not be loaded (${oneLine(sentenceOf(error))}); put tha4_engine.wasm there, or name its` +
        ' place by wasmUrl.',
    );
  }
}

/**
 * A character as instances take it, without a larger drawing.
 *
 * @param {Character} character
 * @param {Precision} precision
 * @returns {Given}
 */
export function givenOf({ networks, weights, picture, masks }, precision) {
  const { face, body, summed } = networks;
  const description = Int32Array.from([
    ...[face.widths.length, ...face.widths, body.length],
    ...body.flatMap(({ grid, widths }) => [grid, widths.length, ...widths]),
    Number(summed),
  ]);
  const layers = [...weights.face, ...weights.body.flat(), ...weights.heads, weights.last];
  const size = layers.reduce((sum, layer) => sum + layer.weight.length + layer.bias.length, 0);
  const numbers = new Float32Array(size);
  let at = 0;
  for (const { weight, bias } of layers) {
    numbers.set(weight, at);
    numbers.set(bias, at + weight.length);
    at += weight.length + bias.length;
  }
  return { description, numbers, picture, drawing: null, masks, precision };
}

/** A renderer in an instance of its own. */
export class WasmInstance {
  /** @type {Exports} */
  #exports;
  #renderer = 0;
  #pose;
  #out = 0;
  /** Bytes that there is room for at #out. */
  #outSize = 0;

  /**
   * Throws EngineError.
   *
   * @param {WebAssembly.Module} module
   * @param {Given} given
   * @param {Times} times how large its pictures will be at most
   * @returns {Promise<WasmInstance>}
   */
  static async create(module, given, times) {
    // The C++ library could write to a console, which nothing here does.
    const stub = () => 52;
    const imports = { wasi_snapshot_preview1: { fd_close: stub, fd_seek: stub, fd_write: stub } };
    const instance = await WebAssembly.instantiate(module, imports);
    const made = new WasmInstance(/** @type {any} */ (instance.exports), given);
    if (times > 1) {
      // What larger pictures take of memory is taken now, or refused.
      made.render(new Float32Array(POSE_SIZE), [0, 0, 1, 1], times);
    }
    return made;
  }

  /**
   * @param {Exports} exports
   * @param {Given} given
   */
  constructor(exports, given) {
    this.#exports = exports;
    this.#guarded(() => exports._initialize());
    const description = this.#take(given.description);
    const numbers = this.#take(given.numbers);
    const picture = this.#take(given.picture);
    const edge = given.drawing ? Math.sqrt(given.drawing.length / 4) : 0;
    const drawing = given.drawing ? this.#take(given.drawing) : 0;
    this.#renderer = this.#guarded(() =>
      exports.tha4_web_create(description, numbers, picture, drawing, edge, given.precision),
    );
    this.#require(this.#renderer !== 0);
    for (const place of [description, numbers, picture, drawing]) {
      exports.tha4_web_release(place);
    }
    if (given.masks) {
      const tiles = this.#take(given.masks);
      this.#require(exports.tha4_web_visibility(this.#renderer, tiles, GRID[1], GRID[0]) === 0);
      exports.tha4_web_release(tiles);
    }
    this.#pose = this.#room(4 * 256);
  }

  /** Whether it works in 16 bits. */
  get fixed16() {
    return this.#exports.tha4_web_fixed16(this.#renderer) === 1;
  }

  /**
   * The pixels of a region, so many times as many each way, straight-alpha sRGB RGBA8. Throws EngineError.
   *
   * @param {Float32Array} pose
   * @param {Region} region
   * @param {Times} times
   * @returns {Uint8ClampedArray<ArrayBuffer>}
   */
  render(pose, [x, y, width, height], times) {
    const exports = this.#exports;
    const size = 4 * width * height * times * times;
    if (size > this.#outSize) {
      exports.tha4_web_release(this.#out);
      this.#outSize = 0;
      this.#out = this.#room(size);
      this.#outSize = size;
    }
    new Float32Array(exports.memory.buffer, this.#pose, pose.length).set(pose);
    const status = this.#guarded(() =>
      exports.tha4_web_render(this.#renderer, this.#pose, pose.length, x, y, width, height, times, this.#out),
    );
    this.#require(status === 0);
    return new Uint8ClampedArray(exports.memory.buffer, this.#out, size).slice();
  }

  /** @param {number} size */
  #room(size) {
    const place = this.#exports.tha4_web_memory(size);
    if (place === 0) {
      throw new EngineError('there is not enough memory for the character; close other pages.');
    }
    return place;
  }

  /** @param {Int32Array | Float32Array | Uint8Array} values */
  #take(values) {
    const place = this.#room(values.byteLength);
    new Uint8Array(this.#exports.memory.buffer, place, values.byteLength).set(
      new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
    );
    return place;
  }

  /**
   * @template Result
   * @param {() => Result} call
   * @returns {Result}
   */
  #guarded(call) {
    try {
      return call();
    } catch (error) {
      throw new EngineError(this.#sentence() || `the engine ended (${oneLine(sentenceOf(error))}).`);
    }
  }

  /** @param {boolean} good */
  #require(good) {
    if (!good) {
      throw new EngineError(this.#sentence() || 'the engine failed, and does not know why.');
    }
  }

  #sentence() {
    const bytes = new Uint8Array(this.#exports.memory.buffer, this.#exports.tha4_web_error());
    return new TextDecoder().decode(bytes.slice(0, bytes.indexOf(0)));
  }
}

/** @param {string} text */
function oneLine(text) {
  return text.replace(/\s+/g, ' ').slice(0, 200).replace(/\.$/, '');
}
