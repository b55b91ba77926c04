// Draws a character in the best way that works here, and goes on in another when that fails.

import { EngineError, sentenceOf } from './errors.js';
import { LostError } from './drawing/drawer.js';
import { LargerDrawing } from './drawing/larger.js';
import { viewOf } from './drawing/pictures.js';
import { clampPose } from './pose.js';
import { openMainThread, openWorkers } from './wasm/drawers.js';
import { openWebGpu } from './webgpu/drawer.js';

/** @typedef {import('./drawing/drawer.js').Drawer} Drawer */
/** @typedef {import('./drawing/drawer.js').WayName} WayName */
/** @typedef {import('./drawing/drawer.js').Wishes} Wishes */
/** @typedef {import('./drawing/pictures.js').Picture} Picture */
/** @typedef {import('./drawing/pictures.js').Times} Times */
/** @typedef {import('./reading/character.js').Character} Character */
/**
 * @typedef {object} Options
 * @property {'auto' | WayName} [prefer] where to begin; those that follow are tried when it cannot be had. Default: auto
 * @property {'snorm16' | 'float32'} [precision] 16 bits, which is faster, or 32. Default: snorm16
 * @property {number} [workers] 1 to 16; default: the processors of this machine but one, at most 4
 * @property {string | URL} [wasmUrl] where tha4_engine.wasm is; default: beside these modules
 * @property {(sentence: string) => void} [onNotice] told what a person may want to know: one sentence, each once
 */

/** @type {{ name: WayName, open: (character: Character, wishes: Wishes) => Promise<Drawer> }[]} */
const WAYS = [
  { name: 'webgpu', open: openWebGpu },
  { name: 'wasm', open: openWorkers },
  { name: 'wasm-main', open: openMainThread },
];
const MOST_WORKERS = 16;
/** A drawer that is lost more often is given up. */
const MOST_LOSSES = 3;

/**
 * An engine that draws a character. Throws EngineError when this browser has no way to draw.
 *
 * @param {Character} character
 * @param {Options} [options]
 * @returns {Promise<Engine>}
 */
export async function createEngine(character, options = {}) {
  const { prefer = 'auto', precision = 'snorm16', workers = defaultWorkers(), wasmUrl, onNotice = () => {} } = options;
  const first = prefer === 'auto' ? 0 : WAYS.findIndex((way) => way.name === prefer);
  if (first < 0) {
    const names = WAYS.map((way) => `'${way.name}'`).join(', ');
    throw new EngineError(`there is no engine named '${String(prefer)}'; choose 'auto', ${names}.`);
  }
  if (precision !== 'snorm16' && precision !== 'float32') {
    throw new EngineError(`there is no precision '${String(precision)}'; choose 'snorm16' or 'float32'.`);
  }
  if (!Number.isInteger(workers) || workers < 1 || workers > MOST_WORKERS) {
    throw new EngineError(`an engine has 1 to ${MOST_WORKERS} workers, not ${String(workers)}; leave it out for its choice.`);
  }
  const ways = [...WAYS.slice(first), ...WAYS.slice(0, first)];
  const engine = new Engine(character, ways, onNotice, {
    precision,
    workers,
    // Drawing by a program that plays a graphics card is far slower than by the processor itself.
    isSoftwareGood: prefer === 'webgpu',
    wasmUrl: wasmUrl ?? new URL('./tha4_engine.wasm', import.meta.url),
  });
  await engine.ready();
  return engine;
}

function defaultWorkers() {
  return Math.min(Math.max((globalThis.navigator?.hardwareConcurrency ?? 2) - 1, 1), 4);
}

/** Draws one character. Made by createEngine. */
export class Engine {
  #character;
  #ways;
  #wishes;
  #onNotice;
  /** @type {Set<string>} */
  #said = new Set();
  #larger;
  #losses = 0;
  #closed = false;
  /** @type {Promise<Drawer>} */
  #drawer;
  /** The last picture that was asked for: they are drawn one after the other. @type {Promise<unknown>} */
  #queue = Promise.resolve();
  /** @type {WayName} */
  #name;
  #detail = '';

  /**
   * @param {Character} character
   * @param {typeof WAYS} ways in the order in which they are tried
   * @param {(sentence: string) => void} onNotice
   * @param {Omit<Wishes, 'onLost'>} wishes
   */
  constructor(character, ways, onNotice, wishes) {
    this.#character = character;
    this.#ways = [...ways];
    this.#onNotice = onNotice;
    this.#larger = new LargerDrawing(character, (sentence) => this.#notice(sentence));
    this.#wishes = { ...wishes, onLost: () => this.#lost() };
    this.#name = ways[0].name;
    this.#drawer = this.#opened();
  }

  /** Which way it draws: 'webgpu', 'wasm' or 'wasm-main'. It changes when that way fails. */
  get name() {
    return this.#name;
  }

  /** What it works with, for people. */
  get detail() {
    return this.#detail;
  }

  /** Resolves when it can draw. Throws EngineError. */
  async ready() {
    await this.#drawer;
  }

  /**
   * The picture of a pose, straight-alpha sRGB RGBA8. A region equals that rectangle of the whole picture. Throws
   * UserError.
   *
   * @param {ArrayLike<number>} pose 45 numbers; those out of range are clamped
   * @param {{ region?: ArrayLike<number>, scale?: number }} [view] [x, y, width, height] in pixels of the picture
   *   (default: all of it), and how many times their size is drawn: above 0 and up to 1 (default: 1), or 2 or 4, from the
   *   character's larger drawing; what it does not have is enlarged, which is said once
   * @returns {Promise<Picture>}
   */
  async render(pose, view) {
    const checked = clampPose(pose);
    const wanted = viewOf(view);
    return this.#draw((drawer) => drawer.render(checked, wanted), wanted.times);
  }

  /**
   * Shows the picture of a pose on a canvas, which gets its size in pixels. With WebGPU the picture does not leave the
   * graphics card. What a canvas shows stays when the engine fails. Throws UserError.
   *
   * @param {HTMLCanvasElement | OffscreenCanvas} canvas one that has no context, or that present() or 2D gave it
   * @param {ArrayLike<number>} pose
   * @param {{ region?: ArrayLike<number>, scale?: number }} [view]
   * @returns {Promise<{ milliseconds: number }>} how long it took
   */
  async present(canvas, pose, view) {
    const checked = clampPose(pose);
    const wanted = viewOf(view);
    const started = performance.now();
    const bitmap = await this.#draw((drawer) => drawer.bitmap(checked, wanted), wanted.times);
    show(canvas, bitmap);
    return { milliseconds: performance.now() - started };
  }

  /**
   * Reads the character's larger drawing while other pictures are drawn: otherwise the first one of a scale above 1 waits
   * for that, and all behind it.
   */
  async readLarger() {
    await this.#larger.read();
  }

  /** Lets go of everything; what is being drawn fails. */
  close() {
    this.#closed = true;
    this.#drawer.then((drawer) => drawer.close(), () => {});
  }

  /**
   * @template Result
   * @param {(drawer: Drawer) => Promise<Result>} work
   * @param {Times} times
   * @returns {Promise<Result>}
   */
  #draw(work, times) {
    const result = this.#queue.then(() => this.#attempt(work, times));
    this.#queue = result.catch(() => {});
    return result;
  }

  /**
   * @template Result
   * @param {(drawer: Drawer) => Promise<Result>} work
   * @param {Times} times
   * @returns {Promise<Result>}
   */
  async #attempt(work, times) {
    for (;;) {
      if (this.#closed) {
        throw new EngineError('the engine was closed; create another one.');
      }
      const current = this.#drawer;
      const drawer = await current;
      try {
        await this.#larger.suit(drawer, times);
        return await work(drawer);
      } catch (error) {
        // Else it was replaced while it was drawing.
        if (!this.#closed && this.#drawer === current) {
          drawer.close();
          this.#replace(error);
        }
      }
    }
  }

  /** A drawer was lost between two pictures. */
  #lost() {
    if (!this.#closed) {
      this.#drawer.then((drawer) => drawer.close(), () => {});
      this.#replace(new LostError());
    }
  }

  /** @param {unknown} error */
  #replace(error) {
    if (error instanceof LostError) {
      this.#losses += 1;
      this.#notice('the graphics device was lost; the picture stays while the engine is made anew.');
      if (this.#losses <= MOST_LOSSES) {
        this.#drawer = this.#opened();
        return;
      }
    }
    const [failed] = this.#ways.splice(0, 1);
    if (this.#ways.length) {
      this.#notice(`${failed.name} failed (${clauseOf(error)}); the engine goes on with ${this.#ways[0].name}.`);
    }
    this.#drawer = this.#opened(error);
  }

  /** @param {unknown} [problem] */
  #opened(problem) {
    const drawer = this.#open(problem);
    // Told to whoever asks for a picture; nobody may.
    drawer.catch(() => {});
    return drawer;
  }

  /**
   * The first way that works.
   *
   * @param {unknown} [problem] why there is no other
   * @returns {Promise<Drawer>}
   */
  async #open(problem) {
    while (this.#ways.length) {
      const [{ name, open }, next] = this.#ways;
      try {
        const drawer = await open(this.#character, this.#wishes);
        this.#name = name;
        this.#detail = drawer.detail;
        if (this.#closed) {
          drawer.close();
        }
        return drawer;
      } catch (error) {
        problem = error;
        if (next) {
          this.#notice(`${name} cannot be had here (${clauseOf(error)}); the engine is ${next.name}.`);
          this.#ways.shift();
        } else {
          break;
        }
      }
    }
    throw new EngineError(`this browser has no way to draw characters: ${clauseOf(problem)}.`);
  }

  /** @param {string} sentence */
  #notice(sentence) {
    if (!this.#said.has(sentence)) {
      this.#said.add(sentence);
      this.#onNotice(sentence);
    }
  }
}

/** @param {unknown} error */
function clauseOf(error) {
  return sentenceOf(error).replace(/\s+/g, ' ').replace(/\.$/, '');
}

/**
 * @param {HTMLCanvasElement | OffscreenCanvas} canvas
 * @param {ImageBitmap} bitmap
 */
function show(canvas, bitmap) {
  if (canvas.width !== bitmap.width || canvas.height !== bitmap.height) {
    canvas.width = bitmap.width;
    canvas.height = bitmap.height;
  }
  // It keeps the picture whatever becomes of a graphics device, which a canvas with a WebGPU context does not.
  const context = canvas.getContext('bitmaprenderer');
  if (context) {
    context.transferFromImageBitmap(bitmap);
    return;
  }
  const drawing = /** @type {CanvasRenderingContext2D | null} */ (canvas.getContext('2d'));
  if (!drawing) {
    bitmap.close();
    throw new EngineError('the canvas has a context of another kind; give a new canvas.');
  }
  drawing.clearRect(0, 0, bitmap.width, bitmap.height);
  drawing.drawImage(bitmap, 0, 0);
  bitmap.close();
}
