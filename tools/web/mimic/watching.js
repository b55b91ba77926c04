/** Looks at each new picture of a video, as fast as faces are found, while somebody can see the page. */

import { loadFaceMesh } from './face_mesh.js';

/** @typedef {import('./face_points.js').Point} Point */

/**
 * @typedef {object} Told
 * @property {(faces: Point[][], aspect: number, seconds: number) => void} onFaces of each picture; when it was taken
 * @property {(problem: unknown) => void} onProblem faces can be found no more
 */

export class Watching {
  #video;
  #told;
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

  /** Begins with the pictures that the video has now. Rejects with a sentence when faces cannot be found. */
  async start() {
    this.stop();
    const wanted = this.#wanted;
    await loadFaceMesh();
    if (wanted === this.#wanted) {
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
    if (isNew && !this.#isFinding) {
      this.#isFinding = true;
      this.#seen = currentTime;
      const seconds = performance.now() / 1000;
      try {
        const mesh = await loadFaceMesh();
        const faces = await mesh.find(this.#video);
        if (this.#isOn) {
          this.#told.onFaces(faces, videoWidth / videoHeight, seconds);
        }
      } catch (error) {
        this.stop();
        this.#told.onProblem(error);
      } finally {
        this.#isFinding = false;
      }
    }
    this.#next();
  }
}
