// @ts-check
/**
 * Whether a face is there, what to say about it, and how much of the pose is its: a face that is lost lets the
 * character go back to rest.
 *
 * @module
 */

/** How long no face may be found before the character goes back to rest, in seconds. */
export const PATIENCE = 1;
/** How long it takes to go back to rest, and to take over from it, in seconds. */
export const FADE = 0.5;

export const NO_FACE = 'No face is found: come into the picture, with light from the front.';
export const TWO_FACES = 'More than one face is found: the nearest one is followed.';

/** The presence of a face, told frame by frame. */
export class Presence {
  /** @type {(sentence: string) => void} */
  #say;
  #said = '';
  #sinceFace = Infinity;
  #sinceStart = 0;
  #sinceOthers = Infinity;
  #share = 0;

  /** @param {(sentence: string) => void} say told a sentence when it begins to be true, and '' when all is well */
  constructor(say) {
    this.#say = say;
  }

  /** How much of the pose is the face's, from 0 to 1. */
  get share() {
    return this.#share;
  }

  /** Whether a face has been found of late. */
  get isTracking() {
    return this.#sinceFace <= PATIENCE;
  }

  /**
   * Tells how many faces a frame showed.
   *
   * @param {number} faces
   */
  saw(faces) {
    if (faces > 0) this.#sinceFace = 0;
    if (faces > 1) this.#sinceOthers = 0;
  }

  /** A new picture begins: what was said of the one before no longer counts. */
  restart() {
    this.#sinceFace = Infinity;
    this.#sinceOthers = Infinity;
    this.#sinceStart = 0;
    this.#tell('');
  }

  /**
   * Goes on.
   *
   * @param {number} seconds
   * @param {boolean} watching whether there is a picture at all: without one nothing is said
   */
  advance(seconds, watching = true) {
    this.#sinceFace += seconds;
    this.#sinceOthers += seconds;
    this.#sinceStart += seconds;
    const goal = watching && this.isTracking ? 1 : 0;
    const step = seconds / FADE;
    this.#share += Math.min(step, Math.max(-step, goal - this.#share));
    if (!watching) this.#tell('');
    else if (this.#sinceOthers <= PATIENCE) this.#tell(TWO_FACES);
    else if (this.isTracking) this.#tell('');
    else if (this.#sinceStart > PATIENCE) this.#tell(NO_FACE);
  }

  /** @param {string} sentence */
  #tell(sentence) {
    if (sentence === this.#said) return;
    this.#said = sentence;
    this.#say(sentence);
  }
}

/**
 * Which of the faces is followed: the nearest, but the one followed before unless another is clearly nearer.
 *
 * @param {readonly {size: number, x: number, y: number}[]} faces how near each is, and where
 * @param {{x: number, y: number} | null} before where the one followed before was
 * @returns {number} its index; -1 without any
 */
export function followed(faces, before) {
  let best = -1;
  let most = 0;
  faces.forEach(({ size, x, y }, index) => {
    const same = before !== null && Math.hypot(x - before.x, y - before.y) < size;
    const weight = same ? size * 1.3 : size;
    if (weight > most) [most, best] = [weight, index];
  });
  return best;
}
