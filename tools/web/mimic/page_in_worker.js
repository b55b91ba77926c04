// @ts-check
/**
 * As much of a page as Face Mesh needs to run in a worker: it knows workers, but makes no pictures of videos in them.
 *
 * @module
 */

/**
 * What loads a script in a worker that is no module; nothing on a page.
 *
 * @type {((address: string) => void) | undefined}
 */
const importScripts = /** @type {any} */ (globalThis).importScripts;

/** Whether this thread is a worker's. */
export const isInWorker = () => importScripts !== undefined;

/** Lets scripts of this worker find a window and a document, which make canvases and load scripts. */
export function playPage() {
  Object.assign(globalThis, {
    window: globalThis,
    document: {
      createElement: (/** @type {string} */ kind) => (kind === 'canvas' ? new OffscreenCanvas(1, 1) : new Script()),
      addEventListener: () => {},
      body: { appendChild: (/** @type {Script} */ script) => script.run() },
    },
  });
}

/** A script element: loaded when it is put into the document. */
class Script {
  #src = '';
  /** @type {Record<string, () => void>} */
  #listeners = {};

  /** @param {string} name @param {string} value */
  setAttribute(name, value) {
    if (name === 'src') {
      this.#src = value;
    }
  }

  /** @param {string} name @param {() => void} listener */
  addEventListener(name, listener) {
    this.#listeners[name] = listener;
  }

  run() {
    try {
      importScripts?.(this.#src);
    } catch {
      this.#listeners.error?.();
      return;
    }
    this.#listeners.load?.();
  }
}
