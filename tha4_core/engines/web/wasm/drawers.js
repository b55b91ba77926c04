// The processor's two ways to draw: in workers, and on the page's own thread.

import { EngineError } from '../errors.js';
import { isShrunk, shrink } from '../drawing/pictures.js';
import { leanOf } from '../reading/visibility.js';
import { bandsOf } from './bands.js';
import { PRECISIONS, WasmInstance, compileEngine, givenOf } from './instance.js';

/** @typedef {import('../drawing/drawer.js').Drawer} Drawer */
/** @typedef {import('../drawing/drawer.js').Wishes} Wishes */
/** @typedef {import('../drawing/pictures.js').Picture} Picture */
/** @typedef {import('../drawing/pictures.js').Times} Times */
/** @typedef {import('../drawing/pictures.js').View} View */
/** @typedef {import('../reading/bytes.js').Bytes} Bytes */
/** @typedef {import('../reading/character.js').Character} Character */
/** @typedef {import('../reading/details.js').Region} Region */
/** @typedef {import('./messages.js').Answer} Answer */
/** @typedef {import('./instance.js').Given} Given */
/** @typedef {import('./messages.js').Request} Request */
/**
 * What draws a character's regions.
 *
 * @typedef {object} Regions
 * @property {(pose: Float32Array<ArrayBuffer>, region: Region, times: Times) =>
 *   Promise<Uint8ClampedArray<ArrayBuffer>>} draw
 * @property {(given: Given, times: Times) => Promise<void>} open takes the character anew; where that fails, what there was
 *   stays
 * @property {() => void} close
 */

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
    /** @type {Regions['open']} */
    const open = async (other, times) => {
      // All have answered before any is asked again.
      const opened = await Promise.allSettled(started.map((worker) => worker.open(module, other, times)));
      const failed = opened.find((one) => one.status === 'rejected');
      if (failed) {
        throw failed.reason;
      }
    };
    /** @type {Regions['draw']} */
    const draw = async (pose, region, times) => {
      const bands = bandsOf(region, started.length, character.masks, leanOf(pose));
      return joined(await Promise.all(bands.map((band, index) => started[index].draw(pose, band, times))));
    };
    const count = `${workers} worker${workers === 1 ? '' : 's'}`;
    return new RegionDrawer(count, fixed16, given, { draw, open, close });
  } catch (error) {
    close();
    throw error;
  }
}

/** @param {Uint8ClampedArray<ArrayBuffer>[]} pieces */
function joined(pieces) {
  if (pieces.length === 1) {
    return pieces[0];
  }
  const pixels = new Uint8ClampedArray(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    pixels.set(piece, at);
    at += piece.length;
  }
  return pixels;
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
  const opened = others.map((worker) => worker.open(module, hopeful, 1).catch(() => false));
  const fixed16 = await first.open(module, given, 1);
  const agreed = await Promise.all(opened);
  const found = { ...given, precision: precisionOf(fixed16) };
  await Promise.all(others.map((worker, at) => agreed[at] === fixed16 || worker.open(module, found, 1)));
  return fixed16;
}

/** @param {boolean} fixed16 */
function precisionOf(fixed16) {
  return fixed16 ? PRECISIONS.fixed16 : PRECISIONS.float32;
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
  const module = await compileEngine(wasmUrl);
  let instance = await WasmInstance.create(module, given, 1);
  return new RegionDrawer("the page's own thread", instance.fixed16, given, {
    draw: async (pose, region, times) => instance.render(pose, region, times),
    open: async (other, times) => {
      instance = await WasmInstance.create(module, other, times);
    },
    close: () => {},
  });
}

/** @implements {Drawer} */
class RegionDrawer {
  #regions;
  #given;
  #hasDrawing = false;

  /**
   * @param {string} what what draws, for people
   * @param {boolean} fixed16 whether in 16 bits
   * @param {Given} given what was opened
   * @param {Regions} regions
   */
  constructor(what, fixed16, given, regions) {
    this.detail = `${what}, ${fixed16 ? 16 : 32} bits`;
    this.#given = { ...given, precision: precisionOf(fixed16) };
    this.#regions = regions;
  }

  /**
   * @param {Float32Array<ArrayBuffer>} pose
   * @param {View} view
   * @returns {Promise<Picture>}
   */
  async render(pose, view) {
    const { region, size, times } = view;
    const data = await this.#regions.draw(pose, region, times);
    return isShrunk(view) ? shrink(data, region[2], region[3], size) : { width: size[0], height: size[1], data };
  }

  /**
   * @param {Float32Array<ArrayBuffer>} pose
   * @param {View} view
   */
  async bitmap(pose, view) {
    const { width, height, data } = await this.render(pose, view);
    return createImageBitmap(new ImageData(data, width, height));
  }

  /**
   * @param {Bytes | null} drawing
   * @param {Times} times
   */
  async beginLarger(drawing, times) {
    if (drawing || this.#hasDrawing) {
      // Also when only some get it: then all are opened without it.
      this.#hasDrawing = true;
      await this.#regions.open({ ...this.#given, drawing }, times);
      this.#hasDrawing = drawing !== null;
    }
  }

  async endLarger() {
    await this.beginLarger(null, 1);
  }

  close() {
    this.#regions.close();
  }
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
   * Makes an instance in place of the one before; whether it works in 16 bits.
   *
   * @param {WebAssembly.Module} module
   * @param {Given} given
   * @param {Times} times how large its pictures will be at most
   */
  async open(module, given, times) {
    const late = setTimeout(() => this.#settle({ problem: 'a worker does not answer.' }), PATIENCE_MS);
    try {
      const answer = await this.#ask({ module, given, times });
      return /** @type {{ fixed16: boolean }} */ (answer).fixed16;
    } finally {
      clearTimeout(late);
    }
  }

  /**
   * @param {Float32Array<ArrayBuffer>} pose
   * @param {Region} region
   * @param {Times} times
   */
  async draw(pose, region, times) {
    const answer = await this.#ask({ pose, region, times });
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
