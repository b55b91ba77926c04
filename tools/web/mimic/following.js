/**
 * From pictures to a pose, picture by picture: finds the face, calibrates, filters, maps, and lets the character go back
 * to rest when there is none.
 */

import { faceFrom, faceNumbers } from './face.js';
import { mapFace, mirrored } from './face_mapping.js';
import { sizeOf } from './face_points.js';
import { FEWEST_FRAMES, FRAMES, LONG, middleOf } from './neutral.js';
import { cutoffOf, faceFilter } from './one_euro.js';
import { Presence, followed } from './presence.js';
import { BY_POINTS } from './ways.js';

/** @typedef {import('./finders.js').Found} Found */
/** @typedef {import('./face_points.js').Point} Point */
/** @typedef {import('./face_mapping.js').Values} Values */
/** @typedef {import('./ways.js').Measure} Measure */
/** @typedef {import('./ways.js').Way} Way */

/** Between the eyes: where a face is. */
const MIDDLE = 168;

export class Following {
  #presence;
  #filter = faceFilter(0.5);
  /** @type {Way} */
  #way = BY_POINTS;
  /** @type {Measure} */
  #neutral = BY_POINTS.typical;
  /** @type {Values} */
  #values = {};
  /** @type {{x: number, y: number} | null} where the face is that is followed */
  #place = null;
  /** @type {{frames: Measure[], since: number, done: (sentence: string) => void} | null} */
  #calibration = null;

  /** Whether the character moves as a mirror does. */
  mirror = true;

  /** @param {(sentence: string) => void} say told of no face and of two, once each, and '' when all is well */
  constructor(say) {
    this.#presence = new Presence(say);
  }

  /** How much of the pose is the face's, from 0 to 1. */
  get share() {
    return this.#presence.share;
  }

  /** Whether a face has been found of late. */
  get isTracking() {
    return this.#presence.isTracking;
  }

  /** The neutral face; null goes back to a typical one. */
  get neutral() {
    return this.#neutral;
  }

  /** @param {Measure | null} measure of the present way */
  set neutral(measure) {
    this.#neutral = measure ?? this.#way.typical;
    this.#filter.reset();
  }

  /** By what faces are taken. */
  get way() {
    return this.#way;
  }

  /** Takes faces by something else from now on, with a typical neutral one. */
  set way(way) {
    this.#way = way;
    this.neutral = null;
  }

  /** @param {number} smoothing from 0 to 1 */
  set smoothing(smoothing) {
    this.#filter.cutoff = cutoffOf(smoothing);
  }

  /** Another picture begins. */
  restart() {
    this.#presence.restart();
    this.#filter.reset();
    this.#place = null;
    this.#calibration?.done('The picture has changed: press Calibrate again.');
    this.#calibration = null;
  }

  /**
   * Takes the face of the next pictures as the neutral one; asked for again before it is done, it begins anew.
   *
   * @param {(sentence: string) => void} done told '' when it is done, or why it was not
   */
  calibrate(done) {
    this.#calibration = { frames: [], since: NaN, done };
  }

  /**
   * Takes a picture's faces; gives the one that is followed.
   *
   * @param {readonly Found[]} faces
   * @param {number} aspect width / height of the picture
   * @param {number} time when it was taken, in seconds
   * @returns {Point[] | null}
   */
  take(faces, aspect, time) {
    const seen = faces
      .map((face) => ({ points: face.points, measure: this.#way.measure(face, aspect) }))
      .filter((face) => face.measure !== null);
    this.#presence.saw(seen.length);
    const index = followed(
      seen.map(({ points }) => ({ size: sizeOf(points), x: points[MIDDLE].x, y: points[MIDDLE].y })),
      this.#place,
    );
    if (index < 0) {
      return null;
    }
    const { points } = seen[index];
    const measure = /** @type {Measure} */ (seen[index].measure);
    this.#place = points[MIDDLE];
    this.#collect(measure, time);
    const face = this.#way.faceOf(measure, this.#neutral);
    const values = mapFace(faceFrom(this.#filter.filter(faceNumbers(face), time)));
    this.#values = this.mirror ? mirrored(values) : values;
    return points;
  }

  /**
   * The pose's parameters after so many seconds more; those that are missing are at rest.
   *
   * @param {number} seconds
   * @param {boolean} watching whether there are pictures
   * @returns {Values}
   */
  advance(seconds, watching) {
    this.#presence.advance(seconds, watching);
    const { share } = this.#presence;
    if (!this.#presence.isTracking || !watching) {
      this.#place = null;
    }
    if (share === 0) {
      this.#filter.reset();
      return {};
    }
    return Object.fromEntries(Object.entries(this.#values).map(([name, value]) => [name, value * share]));
  }

  /** @param {Measure} measure @param {number} time */
  #collect(measure, time) {
    if (!this.#calibration) {
      return;
    }
    const { frames, done } = this.#calibration;
    if (!frames.length) {
      this.#calibration.since = time;
    }
    frames.push(measure);
    const isLong = time - this.#calibration.since >= LONG;
    if (frames.length === FRAMES || (isLong && frames.length >= FEWEST_FRAMES)) {
      this.#calibration = null;
      const middle = middleOf(frames);
      const problem = this.#way.problemOf(middle);
      if (!problem) {
        this.neutral = middle;
      }
      done(problem);
    }
  }
}
