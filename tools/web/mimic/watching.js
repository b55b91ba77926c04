/** Looks at each new picture of a video, as fast as faces are found, while somebody can see the page. */

/** @typedef {import('./finders.js').Finder} Finder */
/** @typedef {import('./finders.js').Found} Found */

/**
 * @typedef {object} Told
 * @property {(faces: Found[], aspect: number, seconds: number) => void} onFaces of each picture; when it was taken
 * @property {(problem: unknown) => void} onProblem faces can be found no more
 */

export class Watching {
  #video;
  #told;
  /** @type {Finder | null} */
  #finder = null;
  #frame = 0;
  #isOn = false;
  #isFinding = false;
  /** Counts what was asked for, so that the newest wins. */
  #wanted = 0;
  /** @type {number} the video's time when it was looked at last */
  #seen = -1;

  /**
   * @param {HTMLVideoElement} video
   * @param {Told} told
   */
  constructor(video, told) {
    this.#video = video;
    this.#told = told;
    document.addEventListener('visibilitychange', () => this.#next());
  }

  /**
   * Begins with the pictures that the video has now. Rejects with a sentence when faces cannot be found.
   *
   * @param {() => Promise<Finder>} open gives what finds faces
   */
  async start(open) {
    this.stop();
    const wanted = this.#wanted;
    const finder = await open();
    if (wanted === this.#wanted) {
      this.#finder = finder;
      this.#isOn = true;
      this.#seen = -1;
      this.#next();
    }
  }

  stop() {
    this.#wanted += 1;
    this.#isOn = false;
    cancelAnimationFrame(this.#frame);
  }

  #next() {
    cancelAnimationFrame(this.#frame);
    if (this.#isOn && !document.hidden) {
      this.#frame = requestAnimationFrame(() => void this.#look());
    }
  }

  async #look() {
    const { currentTime, videoWidth, videoHeight, readyState } = this.#video;
    const isNew = readyState >= HTMLMediaElement.HAVE_CURRENT_DATA && videoWidth > 0 && currentTime !== this.#seen;
    const finder = this.#finder;
    if (isNew && finder && !this.#isFinding) {
      this.#isFinding = true;
      this.#seen = currentTime;
      const milliseconds = performance.now();
      try {
        const faces = await finder.find(this.#video, milliseconds);
        if (this.#isOn && finder === this.#finder) {
          this.#told.onFaces(faces, videoWidth / videoHeight, milliseconds / 1000);
        }
      } catch (error) {
        if (this.#isOn && finder === this.#finder) {
          this.stop();
          this.#told.onProblem(error);
        }
      } finally {
        this.#isFinding = false;
      }
    }
    this.#next();
  }
}
