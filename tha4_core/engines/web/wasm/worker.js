// A worker: an instance of the engine that draws bands of a character's picture.

import { sentenceOf } from '../errors.js';
import { WasmInstance } from './instance.js';

/** @type {WasmInstance | null} */
let instance = null;

/**
 * @param {import('./messages.js').Answer} answer
 * @param {Transferable[]} transfer
 */
function say(answer, transfer = []) {
  /** @type {any} */ (globalThis).postMessage(answer, transfer);
}

globalThis.addEventListener('message', async (event) => {
  const request = /** @type {import('./messages.js').Request} */ (/** @type {MessageEvent} */ (event).data);
  try {
    if ('module' in request) {
      instance = await WasmInstance.create(request.module, request.given, request.times);
      say({ fixed16: instance.fixed16 });
    } else {
      const pixels = /** @type {WasmInstance} */ (instance).render(request.pose, request.region, request.times);
      say({ pixels }, [pixels.buffer]);
    }
  } catch (error) {
    say({ problem: sentenceOf(error) });
  }
});
