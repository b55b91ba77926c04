// @ts-check
/**
 * The One Euro filter: slow movements are smoothed, fast ones followed.
 *
 * Casiez, Roussel and Vogel: 1 EUR filter: a simple speed-based low-pass filter for noisy input in interactive systems,
 * CHI 2012. A low-pass whose cutoff grows with the speed, fc = fcmin + beta |dx/dt|, where the speed is itself smoothed
 * at a fixed cutoff.
 *
 * @module
 */

/** Of the speed, in Hz, as the paper has it. */
const SPEED_CUTOFF = 1;

/**
 * The share of a new value: 1 / (1 + tau / T), where tau = 1 / (2 pi fc).
 *
 * @param {number} cutoff in Hz @param {number} seconds since the value before
 */
const shareOf = (cutoff, seconds) => 1 / (1 + 1 / (2 * Math.PI * cutoff * seconds));

/** Smooths rows of numbers, each by itself. */
export class OneEuro {
  /** @type {number[] | null} */
  #values = null;
  /** @type {number[]} */
  #speeds = [];
  #time = 0;

  /**
   * @param {number} cutoff of what stands still, in Hz: lower is smoother
   * @param {number} beta Hz for each unit a second: higher follows faster
   */
  constructor(cutoff, beta) {
    this.cutoff = cutoff;
    this.beta = beta;
  }

  /** Forgets what came before: the next row is taken as it is. */
  reset() {
    this.#values = null;
  }

  /**
   * The smoothed row.
   *
   * @param {readonly number[]} row finite numbers, as many each time
   * @param {number} time in seconds; a row that is not newer than the one before changes nothing
   * @returns {number[]}
   */
  filter(row, time) {
    if (this.#values === null) {
      this.#values = [...row];
      this.#speeds = row.map(() => 0);
      this.#time = time;
      return [...row];
    }
    const seconds = time - this.#time;
    if (!(seconds > 0)) return [...this.#values];
    this.#time = time;
    const speedShare = shareOf(SPEED_CUTOFF, seconds);
    this.#values = this.#values.map((before, place) => {
      const speed = (row[place] - before) / seconds;
      this.#speeds[place] += speedShare * (speed - this.#speeds[place]);
      const cutoff = this.cutoff + this.beta * Math.abs(this.#speeds[place]);
      return before + shareOf(cutoff, seconds) * (row[place] - before);
    });
    return [...this.#values];
  }
}

/**
 * A filter for a face's numbers (face.js).
 *
 * @param {number} smoothing from 0, hardly any, to 1, much
 */
export const faceFilter = (smoothing) => new OneEuro(cutoffOf(smoothing), 1.5);

/** @param {number} smoothing from 0 to 1 @returns {number} Hz, from 8 down to 0.4 */
export const cutoffOf = (smoothing) => 8 * 0.05 ** smoothing;
