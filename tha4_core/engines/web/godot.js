/**
 * The engine for Godot's Web export: what the addon's picture source (sources/web/web_source.gd) asks of the page.
 *
 * Godot evaluates texts of JavaScript and waits for nothing: so each function returns at once a number, a text or bytes,
 * and what takes its time is asked for again.
 */

import { createEngine } from './engine.js';
import { sentenceOf } from './errors.js';
import { readCharacter } from './reading/character.js';

/** @typedef {import('./engine.js').Engine} Engine */
/** @typedef {import('./drawing/pictures.js').Picture} Picture */

/** A character that is being played. */
class Player {
  /** @type {Engine | null} */
  #engine = null;
  #problem = '';
  #isClosed = false;
  /** @type {Picture | null} */
  #picture = null;
  /** The number of the picture that is there; 0 while there is none. */
  #done = 0;
  #milliseconds = 0;
  #hasLarger = false;

  /** @param {Uint8Array<ArrayBuffer>} file */
  constructor(file) {
    void this.#open(file);
  }

  /** What there is to say. */
  state() {
    return {
      engine: this.#engine?.name ?? '',
      problem: this.#problem,
      done: this.#done,
      milliseconds: this.#milliseconds,
      larger: this.#hasLarger,
    };
  }

  /** Begins to read the larger drawing, before pictures of a scale above 1 are asked for. */
  async readLarger() {
    this.#hasLarger = false;
    await this.#engine?.readLarger();
    this.#hasLarger = true;
  }

  /**
   * Begins to draw.
   *
   * @param {number} number
   * @param {number[]} pose
   * @param {number[]} region
   * @param {number} scale
   */
  async draw(number, pose, region, scale) {
    const begun = performance.now();
    // Its number may be that of the picture before, which was smaller.
    this.#done = 0;
    try {
      this.#picture = (await this.#engine?.render(pose, { region, scale })) ?? null;
      this.#milliseconds = performance.now() - begun;
      this.#done = number;
    } catch (error) {
      this.#fail(error);
    }
  }

  /** The pixels of the picture that is there. */
  pixels() {
    return new Uint8Array(this.#picture?.data.buffer ?? []);
  }

  close() {
    this.#isClosed = true;
    this.#engine?.close();
  }

  /** @param {Uint8Array<ArrayBuffer>} file */
  async #open(file) {
    try {
      const engine = await createEngine(await readCharacter(file), { onNotice: (sentence) => console.info(sentence) });
      this.#engine = engine;
      if (this.#isClosed) {
        engine.close();
      }
    } catch (error) {
      this.#fail(error);
    }
  }

  /** @param {unknown} error */
  #fail(error) {
    if (!this.#isClosed) {
      this.#problem = sentenceOf(error);
    }
  }
}

/** @type {Map<number, Player>} */
const players = new Map();
let newest = 0;

/** @param {number} id */
function player(id) {
  const found = players.get(id);
  if (!found) {
    throw new Error(`there is no character ${id}`);
  }
  return found;
}

const animeCharacters = Object.freeze({
  /**
   * Begins to play a character; by what number it is called from now on.
   *
   * @param {string} file a .tha4 file as Base64
   */
  open(file) {
    newest += 1;
    players.set(newest, new Player(Uint8Array.from(atob(file), (letter) => letter.charCodeAt(0))));
    return newest;
  },

  /**
   * How it does, as JSON: `engine`, empty while nothing can be asked for; `problem`, why it will not be any more; `done`,
   * the number of the newest picture; `milliseconds`, what that took; `larger`, whether the larger drawing is read.
   *
   * @param {number} id
   */
  poll: (id) => JSON.stringify(player(id).state()),

  /**
   * Begins to read the larger drawing: a first picture of a scale above 1 waits for that, and all behind it.
   *
   * @param {number} id
   */
  readLarger(id) {
    void player(id).readLarger();
  },

  /**
   * Begins to draw a picture.
   *
   * @param {number} id
   * @param {number} number
   * @param {number[]} pose 45 numbers
   * @param {number[]} region [x, y, width, height]
   * @param {number} scale above 0 and up to 1, or 2 or 4
   */
  ask(id, number, pose, region, scale) {
    void player(id).draw(number, pose, region, scale);
  },

  /**
   * The newest picture's bytes, straight-alpha RGBA8.
   *
   * @param {number} id
   */
  take: (id) => player(id).pixels(),

  /**
   * Ends it.
   *
   * @param {number} id
   */
  close(id) {
    player(id).close();
    players.delete(id);
  },
});

Object.assign(globalThis, { animeCharacters });
