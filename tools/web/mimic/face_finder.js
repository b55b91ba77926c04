// @ts-check
/**
 * Finds faces beside the page, in a worker, so that the character moves on meanwhile; where that cannot be, on the
 * page's own thread.
 *
 * @module
 */

import { openFinder } from './finders.js';

/** @typedef {import('./finders.js').Finder} Finder */
/** @typedef {import('./finders.js').Found} Found */
/** @typedef {import('./finding_worker.js').Answer} Answer */
/** @typedef {import('./finding_worker.js').Request} Request */

/** A worker that is not ready after so long will never be. */
const PATIENCE_MS = 60_000;
const SCRIPT = new URL('finding_worker.js', import.meta.url);

export const ON_PAGE = 'Faces are found by the page itself here, as this browser has no worker for it: it may stutter.';

/**
 * @param {Uint8Array<ArrayBuffer> | null} model a face_landmarker.task; null: the site's Face Mesh
 * @param {(sentence: string) => void} say told when it cannot be beside the page
 * @returns {Promise<Finder>}
 */
export async function openFaceFinder(model, say) {
  const worker = new WorkerFinder();
  try {
    await worker.open(model);
    return worker;
  } catch {
    worker.close();
  }
  const finder = await openFinder(model);
  say(ON_PAGE);
  return finder;
}

/**
 * A finder in a worker, which is asked for one thing at a time.
 *
 * @implements {Finder}
 */
class WorkerFinder {
  #worker = startWorker();
  /** @type {{resolve: (answer: any) => void, reject: (problem: Error) => void} | null} */
  #waiting = null;

  constructor() {
    this.#worker?.addEventListener('message', ({ data }) => this.#settle(data));
    this.#worker?.addEventListener('error', (event) => {
      event.preventDefault();
      this.#settle({ problem: 'Faces can be found no more: a worker has ended. Reload the page.' });
    });
  }

  /** @param {Uint8Array<ArrayBuffer> | null} model */
  async open(model) {
    const late = setTimeout(() => this.#settle({ problem: 'a worker does not answer' }), PATIENCE_MS);
    try {
      await this.#answer();
      await this.#ask({ model });
    } finally {
      clearTimeout(late);
    }
  }

  /**
   * @param {import('./finders.js').Image} image
   * @param {number} time
   * @returns {Promise<Found[]>}
   */
  async find(image, time) {
    const bitmap = await createImageBitmap(image);
    return (await this.#ask({ image: bitmap, time }, [bitmap])).faces;
  }

  close() {
    this.#worker?.terminate();
    this.#settle({ problem: 'the worker was ended' });
  }

  /**
   * @param {Request} request
   * @param {Transferable[]} transfer
   */
  #ask(request, transfer = []) {
    const answer = this.#answer();
    this.#worker?.postMessage(request, transfer);
    return answer;
  }

  /** @returns {Promise<any>} */
  #answer() {
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      if (!this.#worker) {
        this.#settle({ problem: 'this browser has no workers' });
      }
    });
  }

  /** @param {Answer} answer */
  #settle(answer) {
    const waiting = this.#waiting;
    this.#waiting = null;
    if ('problem' in answer) {
      waiting?.reject(new Error(answer.problem));
    } else {
      waiting?.resolve(answer);
    }
  }
}

/** A worker that keeps to this page's policy, as those of a "blob:" do; null where there are none. */
function startWorker() {
  // No module itself, for what it loads asks for importScripts().
  const text = `import(${JSON.stringify(SCRIPT.href)}).catch((error) => postMessage({problem: String(error)}));`;
  const address = URL.createObjectURL(new Blob([text], { type: 'text/javascript' }));
  try {
    return new Worker(address);
  } catch {
    return null;
  } finally {
    // Its text is fetched after this, in some browsers.
    setTimeout(() => URL.revokeObjectURL(address), PATIENCE_MS);
  }
}
