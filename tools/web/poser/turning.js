/** What pointer and keys do on the character herself: she looks at the pointer; dragging and arrow keys turn her head. */

import { FULL_DISTANCE } from '../shared/life/look_at.js';
import { indexOf } from '../shared/parameters.js';

/** @typedef {import('../shared/life/look_at.js').Direction} Direction */
/** @typedef {import('../shared/stage.js').Stage} Stage */

/** Milliseconds after which a pointer that stays where it is, is no longer looked at. */
const PATIENCE = 5000;
/** The edge of the whole picture, in pixels. */
const PICTURE = 512;
const KEY_STEP = 0.1;
const HEAD_X = indexOf('head_x');
const HEAD_Y = indexOf('head_y');
/** @type {Record<string, [index: number, step: number]>} */
const KEYS = {
  ArrowUp: [HEAD_X, KEY_STEP],
  ArrowDown: [HEAD_X, -KEY_STEP],
  ArrowLeft: [HEAD_Y, KEY_STEP],
  ArrowRight: [HEAD_Y, -KEY_STEP],
};

export class Turning {
  #stage;
  #options;
  /** @type {{x: number, y: number, time: number} | null} */
  #pointer = null;
  /** @type {{x: number, y: number, headX: number, headY: number} | null} */
  #drag = null;

  /**
   * @param {HTMLElement} place
   * @param {Stage} stage
   * @param {object} options
   * @param {() => ArrayLike<number>} options.pose the pose that is turned
   * @param {() => boolean} options.looks whether she looks at the pointer; then dragging leaves the head to that
   * @param {(index: number, value: number) => void} options.onTurn
   */
  constructor(place, stage, options) {
    this.#stage = stage;
    this.#options = options;
    place.addEventListener('pointermove', (event) => this.#move(event));
    place.addEventListener('pointerdown', (event) => this.#press(place, event));
    for (const end of ['pointerup', 'pointercancel']) {
      place.addEventListener(end, () => (this.#drag = null));
    }
    place.addEventListener('pointerleave', () => (this.#pointer = null));
    place.addEventListener('keydown', (event) => this.#key(event));
  }

  /**
   * Where the pointer is, seen from the face; null when there is none to look at.
   *
   * @param {number} now in milliseconds
   * @returns {Direction | null}
   */
  direction(now) {
    if (!this.#pointer || now - this.#pointer.time > PATIENCE) {
      return null;
    }
    const { canvas, region, character } = this.#stage;
    const [left, top, width, height] = region;
    const [faceX, faceY, faceWidth, faceHeight] = character?.headRegion ?? region;
    const box = canvas.getBoundingClientRect();
    // As object-fit: contain has it.
    const zoom = Math.min(box.width / width, box.height / height);
    const x = box.left + box.width / 2 + zoom * (faceX + faceWidth / 2 - left - width / 2);
    const y = box.top + box.height / 2 + zoom * (faceY + faceHeight / 2 - top - height / 2);
    // A closer view has her look further aside for the same way in the picture.
    const full = (zoom * FULL_DISTANCE * width) / PICTURE;
    return { x: (this.#pointer.x - x) / full, y: (this.#pointer.y - y) / full };
  }

  /** @param {PointerEvent} event */
  #move({ clientX: x, clientY: y, timeStamp: time }) {
    this.#pointer = { x, y, time };
    if (this.#drag && !this.#options.looks()) {
      const reach = Math.max(80, this.#stage.canvas.getBoundingClientRect().height / 3);
      this.#options.onTurn(HEAD_Y, this.#drag.headY - (x - this.#drag.x) / reach);
      this.#options.onTurn(HEAD_X, this.#drag.headX - (y - this.#drag.y) / reach);
    }
  }

  /**
   * @param {HTMLElement} place
   * @param {PointerEvent} event
   */
  #press(place, event) {
    const pose = this.#options.pose();
    place.setPointerCapture(event.pointerId);
    this.#drag = { x: event.clientX, y: event.clientY, headX: pose[HEAD_X], headY: pose[HEAD_Y] };
    this.#move(event);
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const [index, step] = KEYS[event.key] ?? [];
    if (index === undefined || step === undefined || event.altKey || event.ctrlKey || event.metaKey) {
      return;
    }
    event.preventDefault();
    this.#pointer = null;
    this.#options.onTurn(index, this.#options.pose()[index] + step);
  }
}
