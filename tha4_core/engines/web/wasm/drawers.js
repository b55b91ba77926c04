// The processor's two ways to draw: in workers, and on the page's own thread.

import { EngineError } from '../errors.js';
import { isScaled, shrink } from '../drawing/pictures.js';
import { leanOf } from '../reading/visibility.js';
import { bandsOf } from './bands.js';
import { PRECISIONS, WasmInstance, compileEngine, givenOf } from './instance.js';

/** @typedef {import('../drawing/drawer.js').Drawer} Drawer */
/** @typedef {import('../drawing/drawer.js').Wishes} Wishes */
/** @typedef {import('../drawing/pictures.js').Picture} Picture */
/** @typedef {import('../drawing/pictures.js').View} View */
/** @typedef {import('../reading/character.js').Character} Character */
/** @typedef {import('../reading/details.js').Region} Region */
/** @typedef {import('./messages.js').Answer} Answer */
/** @typedef {import('./messages.js').Request} Request */
/** Draws the pixels of a region. @typedef {(pose: Float32Array<ArrayBuffer>, region: Region) => Promise<Uint8ClampedArray<ArrayBuffer>>} Draw */

/** A worker that says nothing for so long when it begins will say nothing. */
const PATIENCE_MS = 30_000;

/**
 * Instances in workers, each of which draws a band. Throws EngineError.
 *
 * @param {Character} character
 * @param {Wishes} wishes
 * @returns {Promise<Drawer>}
 */
export async function openWorkers(character, { precision, workers, wasmUrl }) {
  const module = await compileEngine(wasmUrl);
  const given = givenOf(character, wished(precision));
  /** @type {BandWorker[]} */
  const started = [];
  const close = () => started.forEach((worker) => worker.end());
  try {
    for (let index = 0; index < workers; index += 1) {
      started.push(new BandWorker());
    }
    const fixed16 = await openAll(started, module, given);
    const bits = fixed16 ? 16 : 32;
    const count = `${workers} worker${workers === 1 ? '' : 's'}`;
    return drawer(`${count}, ${bits} bits`, close, async (pose, region) => {
      const bands = bandsOf(region, started.length, character.masks, leanOf(pose));
      const pieces = await Promise.all(bands.map((band, index) => started[index].draw(pose, band)));
      if (pieces.length === 1) {
        return pieces[0];
      }
      const pixels = new Uint8ClampedArray(4 * region[2] * region[3]);
      let at = 0;
      for (const piece of pieces) {
        pixels.set(piece, at);
        at += piece.length;
      }
      return pixels;
    });
  } catch (error) {
    close();
    throw error;
  }
}

/**
 * Opens workers in one precision; whether that is 16 bits.
 *
 * @param {BandWorker[]} workers
 * @param {WebAssembly.Module} module
 * @param {import('./instance.js').Given} given
 */
async function openAll([first, ...others], module, given) {
  // One makes the trial, and meanwhile the others assume that it ends well, as it does with all characters of ours.
  const hopeful = given.precision === PRECISIONS.trial ? { ...given, precision: PRECISIONS.fixed16 } : given;
  const opened = others.map((worker) => worker.open(module, hopeful).catch(() => false));
  const fixed16 = await first.open(module, given);
  const agreed = await Promise.all(opened);
  const precision = fixed16 ? PRECISIONS.fixed16 : PRECISIONS.float32;
  await Promise.all(others.map((worker, at) => agreed[at] === fixed16 || worker.open(module, { ...given, precision })));
  return fixed16;
}

/** @param {Wishes['precision']} precision */
function wished(precision) {
  return precision === 'snorm16' ? PRECISIONS.trial : PRECISIONS.float32;
}

/**
 * One instance on the page's own thread, which stands still while it draws. Throws EngineError.
 *
 * @param {Character} character
 * @param {Wishes} wishes
 * @returns {Promise<Drawer>}
 */
export async function openMainThread(character, { precision, wasmUrl }) {
  const given = givenOf(character, wished(precision));
  const instance = await WasmInstance.create(await compileEngine(wasmUrl), given);
  const detail = `the page's own thread, ${instance.fixed16 ? 16 : 32} bits`;
  return drawer(detail, () => {}, async (pose, region) => instance.render(pose, region));
}

/**
 * @param {string} detail
 * @param {() => void} close
 * @param {Draw} draw
 * @returns {Drawer}
 */
function drawer(detail, close, draw) {
  /**
   * @param {Float32Array<ArrayBuffer>} pose
   * @param {View} view
   * @returns {Promise<Picture>}
   */
  const render = async (pose, view) => {
    const [, , width, height] = view.region;
    const data = await draw(pose, view.region);
    return isScaled(view) ? shrink(data, width, height, view.size) : { width, height, data };
  };
  return {
    detail,
    close,
    render,
    bitmap: async (pose, view) => {
      const { width, height, data } = await render(pose, view);
      return createImageBitmap(new ImageData(data, width, height));
    },
  };
}

/** A worker that is asked for one thing at a time. */
class BandWorker {
  #worker;
  /** @type {{ resolve: (answer: Answer) => void, reject: (error: Error) => void } | null} */
  #waiting = null;

  /** Throws EngineError where there are no workers. */
  constructor() {
    if (typeof Worker === 'undefined') {
      throw new EngineError('this browser has no workers.');
    }
    try {
      this.#worker = new Worker(new URL('./worker.js', import.meta.url), { type: 'module' });
    } catch {
      throw new EngineError('this page may not start workers (its Content-Security-Policy, or its address, forbids it).');
    }
    this.#worker.onmessage = ({ data }) => this.#settle(data);
    this.#worker.onerror = (event) => {
      event.preventDefault();
      this.#settle({ problem: 'a worker could not be started, or ended.' });
    };
  }

  /**
   * Makes an instance; whether it works in 16 bits.
   *
   * @param {WebAssembly.Module} module
   * @param {import('./instance.js').Given} given
   */
  async open(module, given) {
    const late = setTimeout(() => this.#settle({ problem: 'a worker does not answer.' }), PATIENCE_MS);
    try {
      const answer = await this.#ask({ module, given });
      return /** @type {{ fixed16: boolean }} */ (answer).fixed16;
    } finally {
      clearTimeout(late);
    }
  }

  /**
   * @param {Float32Array<ArrayBuffer>} pose
   * @param {Region} region
   */
  async draw(pose, region) {
    const answer = await this.#ask({ pose, region });
    return /** @type {{ pixels: Uint8ClampedArray<ArrayBuffer> }} */ (answer).pixels;
  }

  end() {
    this.#worker.terminate();
    this.#settle({ problem: 'the worker was ended.' });
  }

  /**
   * @param {Request} request
   * @returns {Promise<Answer>}
   */
  #ask(request) {
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      this.#worker.postMessage(request);
    });
  }

  /** @param {Answer} answer */
  #settle(answer) {
    const waiting = this.#waiting;
    this.#waiting = null;
    if ('problem' in answer) {
      waiting?.reject(new EngineError(answer.problem));
    } else {
      waiting?.resolve(answer);
    }
  }
}
