/** What drawing costs: so many pictures a second, so long each, and what part of the time that is. */

/** Milliseconds over which it is looked at. */
const SPAN = 1000;

export class Cost {
  /** @type {{time: number, milliseconds: number}[]} */
  #drawn = [];

  /**
   * A picture was drawn.
   *
   * @param {number} time when, in milliseconds
   * @param {number} milliseconds how long it took
   */
  add(time, milliseconds) {
    this.#drawn.push({ time, milliseconds });
  }

  /**
   * What the last second was like, in words.
   *
   * @param {number} time now
   */
  describe(time) {
    this.#drawn = this.#drawn.filter((one) => one.time > time - SPAN);
    const count = this.#drawn.length;
    if (!count) {
      return 'at rest: nothing is computed';
    }
    const total = this.#drawn.reduce((sum, one) => sum + one.milliseconds, 0);
    const each = total / count;
    const part = Math.min(100, Math.round((100 * total) / SPAN));
    return `${each.toFixed(each < 10 ? 1 : 0)} ms a picture · ${count} a second · ${part} % of the time`;
  }
}
