/** Buttons for moods: the addon's expressions, and the character's own above them. */

/** @typedef {import('./pose_motion.js').Expression} Expression */

/** Shapes of the mouth stand behind the moods. */
const VISEME = 'viseme_';

export class Moods {
  #place;
  #onChoose;
  /** @type {Record<string, Expression>} */
  #shipped = {};
  /** @type {Record<string, Expression>} */
  #own = {};

  /**
   * @param {HTMLElement} place
   * @param {(expression: Expression) => void} onChoose
   */
  constructor(place, onChoose) {
    this.#place = place;
    this.#onChoose = onChoose;
  }

  /** All that can be chosen, by name. */
  get expressions() {
    return { ...this.#shipped, ...this.#own };
  }

  /** Fetches the addon's. Throws what is wrong. */
  async fetch() {
    const answer = await fetch('../data/expressions.json');
    if (!answer.ok) {
      throw new Error(`the moods could not be fetched: the host says ${answer.status}; load the page again.`);
    }
    this.#shipped = await answer.json();
    this.#show();
  }

  /**
   * Takes a character's own.
   *
   * @param {Record<string, Record<string, number>>} expressions
   */
  takeOwn(expressions) {
    this.#own = Object.fromEntries(
      Object.entries(expressions).map(([name, values]) => [
        name,
        Object.fromEntries(Object.entries(values).map(([parameter, value]) => [parameter, { value, weight: 1 }])),
      ]),
    );
    this.#show();
  }

  /** No mood is the one that is shown. */
  release() {
    for (const button of this.#place.children) {
      button.setAttribute('aria-pressed', 'false');
    }
  }

  #show() {
    const entries = Object.entries(this.expressions);
    entries.sort(([one], [other]) => Number(one.startsWith(VISEME)) - Number(other.startsWith(VISEME)));
    this.#place.replaceChildren(
      ...entries.map(([name, expression]) => {
        const button = document.createElement('button');
        button.type = 'button';
        button.dataset.mood = name;
        button.textContent = name.replace(VISEME, '').replaceAll('_', ' ');
        button.setAttribute('aria-pressed', 'false');
        button.addEventListener('click', () => {
          this.release();
          button.setAttribute('aria-pressed', 'true');
          this.#onChoose(expression);
        });
        return button;
      }),
    );
  }
}
