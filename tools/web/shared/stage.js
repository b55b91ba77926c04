/**
 * A character on a page: an engine and a canvas, drawn anew when the pose or its size has changed, and not at all while
 * nobody can see the page.
 */

import { createEngine } from '../engines/web/index.js';
import { PictureScale } from './picture_scale.js';

/** @typedef {import('../engines/web/index.js').Character} Character */
/** @typedef {import('../engines/web/index.js').Region} Region */
/** @typedef {import('../engines/web/index.js').Engine} Engine */
/** @typedef {import('../engines/web/index.js').Options} EngineOptions */
/** @typedef {'head' | 'full'} View */

/** The whole picture's edge in pixels. */
const PICTURE = 512;
/** Seconds; a page that was away does not catch up. */
const LONGEST_STEP = 0.1;

/**
 * @typedef {object} StageOptions
 * @property {(seconds: number) => ArrayLike<number>} pose the pose after so many seconds more, asked for each frame
 * @property {EngineOptions} [engine] which engine; onNotice tells what it has to say
 * @property {(milliseconds: number) => void} [onDrawn] a picture was shown, and took so long
 * @property {(problem: unknown) => void} [onProblem] it cannot be drawn any more
 */

export class Stage {
  #options;
  /** @type {Engine | null} */
  #engine = null;
  /** @type {Character | null} */
  #character = null;
  /** @type {HTMLCanvasElement} */
  #canvas;
  /** @type {View} */
  #view = 'head';
  /** @type {Float32Array | null} what is to be seen at present */
  #shown = null;
  #size = new PictureScale();
  /** At which scale pictures are drawn. */
  #scale = 1;
  /** Which engine reads the character's larger drawing, or has done so. @type {Engine | null} */
  #reader = null;
  /** Which one has it. @type {Engine | null} */
  #sharp = null;
  /** Whether it is to be drawn though the pose is the same. */
  #stale = false;
  #drawing = false;
  #frame = 0;
  #last = 0;
  /** Counts what show() was asked for, so that the newest wins. */
  #wanted = 0;

  /**
   * @param {HTMLElement} place where the canvas is put
   * @param {StageOptions} options
   */
  constructor(place, options) {
    this.#options = options;
    this.#canvas = this.#newCanvas();
    place.append(this.#canvas);
    document.addEventListener('visibilitychange', () => this.#start());
  }

  /** What draws; null before anything does. */
  get engine() {
    return this.#engine;
  }

  /** Who is shown, or about to be. */
  get character() {
    return this.#character;
  }

  /** Where the picture is: shows what `region` says, as large as fits. */
  get canvas() {
    return this.#canvas;
  }

  /** What part of the picture is shown. */
  get view() {
    return this.#view;
  }

  set view(view) {
    this.#view = view;
    this.#stale = true;
    if (!this.#engine) {
      this.#drawAtRest();
    }
  }

  /**
   * Left, top, width and height in pixels of the character's picture.
   *
   * @returns {Region}
   */
  get region() {
    return this.#view === 'head' && this.#character ? this.#character.headRegion : [0, 0, PICTURE, PICTURE];
  }

  /**
   * Shows a character: at rest at once, alive as soon as its engine is there. Throws UserError when it cannot be drawn.
   *
   * @param {Character} character
   */
  async show(character) {
    const wanted = ++this.#wanted;
    if (!this.#engine) {
      this.#character = character;
      this.#drawAtRest();
    }
    const engine = await createEngine(character, this.#options.engine);
    if (wanted !== this.#wanted) {
      engine.close();
      return;
    }
    this.#engine?.close();
    this.#engine = engine;
    this.#character = character;
    // A canvas keeps the kind of its first drawing; the next engine may need another.
    const canvas = this.#newCanvas();
    const pose = Float32Array.from(this.#options.pose(0));
    await engine.present(canvas, pose, { region: this.region });
    if (wanted === this.#wanted) {
      this.#canvas.replaceWith(canvas);
      this.#canvas = canvas;
      this.#shown = pose;
      this.#start();
    }
  }

  /** The picture that is shown, in its pixels, straight-alpha RGBA8; nothing before there is one. */
  async render() {
    const engine = this.#engine;
    return this.#shown && engine ? engine.render(this.#shown, { region: this.region, scale: this.#scale }) : null;
  }

  /** Chooses how finely pictures are drawn, by the size at which they are shown. */
  #fit() {
    const [, , width, height] = this.region;
    const { clientWidth, clientHeight } = this.#canvas;
    // As object-fit: contain has it.
    const pixels = devicePixelRatio * Math.min(clientWidth / width, clientHeight / height);
    const wished = this.#size.choose(pixels, (this.#character?.drawingEdge || PICTURE) / PICTURE);
    if (wished === 1) {
      this.#reader = null;
      this.#sharp = null;
    } else if (this.#engine && this.#reader !== this.#engine) {
      void this.#readLarger(this.#engine);
    }
    const scale = this.#sharp === this.#engine ? wished : 1;
    if (scale !== this.#scale) {
      this.#scale = scale;
      this.#stale = true;
    }
  }

  /** @param {Engine} engine */
  async #readLarger(engine) {
    this.#reader = engine;
    await engine.readLarger();
    if (this.#reader === engine) {
      this.#sharp = engine;
    }
  }

  #newCanvas() {
    const canvas = document.createElement('canvas');
    canvas.setAttribute('role', 'img');
    canvas.setAttribute('aria-label', this.#character?.name || 'The character');
    return canvas;
  }

  /** The character's own picture, until there is an engine. */
  #drawAtRest() {
    if (!this.#character) {
      return;
    }
    const [x, y, width, height] = this.region;
    const canvas = this.#newCanvas();
    canvas.width = width;
    canvas.height = height;
    const pixels = new Uint8ClampedArray(this.#character.picture);
    canvas.getContext('2d')?.putImageData(new ImageData(pixels, PICTURE, PICTURE), -x, -y);
    this.#canvas.replaceWith(canvas);
    this.#canvas = canvas;
  }

  #start() {
    cancelAnimationFrame(this.#frame);
    if (!document.hidden && this.#engine) {
      this.#last = performance.now();
      this.#frame = requestAnimationFrame((time) => this.#step(time));
    }
  }

  /** @param {number} time in milliseconds */
  #step(time) {
    this.#frame = requestAnimationFrame((next) => this.#step(next));
    const seconds = Math.min(LONGEST_STEP, Math.max(0, (time - this.#last) / 1000));
    this.#last = time;
    const pose = Float32Array.from(this.#options.pose(seconds));
    this.#fit();
    if (!this.#drawing && (this.#stale || !isSame(pose, this.#shown))) {
      void this.#draw(pose);
    }
  }

  /** @param {Float32Array} pose */
  async #draw(pose) {
    const engine = /** @type {Engine} */ (this.#engine);
    this.#drawing = true;
    this.#stale = false;
    this.#shown = pose;
    try {
      const { milliseconds } = await engine.present(this.#canvas, pose, { region: this.region, scale: this.#scale });
      this.#options.onDrawn?.(milliseconds);
    } catch (error) {
      if (engine === this.#engine) {
        cancelAnimationFrame(this.#frame);
        this.#options.onProblem?.(error);
      }
    } finally {
      this.#drawing = false;
    }
  }
}

/**
 * @param {Float32Array} pose
 * @param {Float32Array | null} other
 */
function isSame(pose, other) {
  return other !== null && pose.every((value, index) => value === other[index]);
}
