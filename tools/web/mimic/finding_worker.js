// @ts-check
/** In a worker: finds faces, for face_finder.js. */

import { openFinder } from './finders.js';

/**
 * To the worker: a model to open (null: the site's Face Mesh), then pictures.
 * @typedef {{model: Uint8Array<ArrayBuffer> | null} | {image: ImageBitmap, time: number}} Request
 */
/**
 * From the worker: that it is there, or ready; the faces; or what went wrong, a sentence.
 * @typedef {{isThere: true} | {isReady: true} | {faces: import('./finders.js').Found[]} | {problem: string}} Answer
 */

/** @type {import('./finders.js').Finder | null} */
let finder = null;

/** @param {Answer} answer */
const say = (answer) => /** @type {any} */ (globalThis).postMessage(answer);

globalThis.addEventListener('message', async (event) => {
  const request = /** @type {Request} */ (/** @type {MessageEvent} */ (event).data);
  try {
    if ('model' in request) {
      finder = await openFinder(request.model);
      say({ isReady: true });
    } else {
      try {
        say({ faces: (await finder?.find(request.image, request.time)) ?? [] });
      } finally {
        request.image.close();
      }
    }
  } catch (error) {
    say({ problem: error instanceof Error ? error.message : String(error) });
  }
});
say({ isThere: true });
