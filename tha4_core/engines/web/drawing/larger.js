// A character's larger drawing, while pictures of a scale above 1 are wanted: it is read at first, and let go of when
// nobody has wanted such pictures for a while.

import { sentenceOf } from '../errors.js';
import { PICTURE } from '../reading/png.js';
import { LostError } from './drawer.js';

/** So many other pictures in a row, and it is let go of. */
const PATIENCE = 100;

/** @typedef {import('../reading/bytes.js').Bytes} Bytes */
/** @typedef {import('../reading/character.js').Character} Character */
/** @typedef {import('./drawer.js').Drawer} Drawer */
/** @typedef {import('./pictures.js').Times} Times */

export class LargerDrawing {
  #character;
  #onNotice;
  #hasSaid = false;
  /** @type {Promise<Bytes | null> | null} */
  #reading = null;
  /** What is ready for larger pictures, and of how many times the size. @type {Drawer | null} */
  #drawer = null;
  /** @type {Times} */
  #times = 1;
  /** Other pictures since the last larger one. */
  #others = 0;

  /**
   * @param {Character} character
   * @param {(sentence: string) => void} onNotice told what a person may want to know
   */
  constructor(character, onNotice) {
    this.#character = character;
    this.#onNotice = onNotice;
  }

  /** Reads it, which takes some tenths of a second. */
  read() {
    this.#others = 0;
    this.#reading ??= this.#character.readDrawing().catch((error) => {
      this.#onNotice(sentenceOf(error));
      return null;
    });
    return this.#reading;
  }

  /**
   * Makes a drawer ready for a picture of so many times the size, and says once what is enlarged.
   *
   * @param {Drawer} drawer
   * @param {Times} times
   */
  async suit(drawer, times) {
    if (times > 1) {
      this.#sayWhatIsEnlarged(times);
      const drawing = await this.read();
      if (this.#drawer !== drawer || this.#times !== times) {
        await this.#begin(drawer, drawing, times);
      }
    } else if (this.#reading && ++this.#others >= PATIENCE) {
      this.#reading = null;
      if (this.#drawer === drawer) {
        await drawer.endLarger();
      }
      this.#drawer = null;
    }
  }

  /**
   * @param {Drawer} drawer
   * @param {Bytes | null} drawing
   * @param {Times} times
   */
  async #begin(drawer, drawing, times) {
    try {
      await drawer.beginLarger(drawing, times);
    } catch (error) {
      if (!drawing || error instanceof LostError) {
        throw error;
      }
      const why = sentenceOf(error);
      this.#onNotice(`${this.#called()} cannot be drawn from the larger drawing here, and is enlarged: ${why}`);
      await drawer.beginLarger(null, times);
    }
    this.#drawer = drawer;
    this.#times = times;
  }

  /** @param {Times} times */
  #sayWhatIsEnlarged(times) {
    const edge = this.#character.drawingEdge || PICTURE;
    if (times * PICTURE > edge && !this.#hasSaid) {
      this.#hasSaid = true;
      this.#onNotice(
        `${this.#called()} has a drawing of ${edge} pixels, which is enlarged for pictures of ${times * PICTURE};` +
          ' tools/convert.py --drawing-hd gives it a larger one.',
      );
    }
  }

  #called() {
    return this.#character.name || 'the character';
  }
}
