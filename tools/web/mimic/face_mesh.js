// @ts-check
/**
 * MediaPipe's Face Mesh (Google, Apache License 2.0): finds faces in a picture, on this machine. Its files lie beside
 * the pages where `tools/web.py --face-mesh` has put them.
 *
 * @module
 */

import { isInWorker, playPage } from './page_in_worker.js';

/** @typedef {import('./finders.js').Image} Image */
/** @typedef {import('./face_points.js').Point} Point */

/**
 * What of the library is used.
 * @typedef {object} Library
 * @property {(options: object) => void} setOptions
 * @property {(listener: (results: {multiFaceLandmarks?: Point[][]}) => void) => void} onResults
 * @property {() => Promise<void>} initialize
 * @property {(inputs: {image: Image}) => Promise<void>} send
 * @property {() => Promise<void>} close
 */

const FOLDER = new URL('../models/face_mesh/', import.meta.url);
const SCRIPT = new URL('face_mesh.js', FOLDER);

/**
 * Rejects with a sentence.
 *
 * @returns {Promise<import('./finders.js').Finder>}
 */
export async function openFaceMesh() {
  requireWebGl();
  if (isInWorker()) {
    playPage();
  }
  await addScript(SCRIPT);
  const Found = /** @type {{FaceMesh?: new (config: object) => Library}} */ (globalThis).FaceMesh;
  if (!Found) {
    throw new Error(
      'The face model does not start: end tools/web.py and run it with --face-mesh, which checks its files.',
    );
  }
  const library = new Found({ locateFile: (/** @type {string} */ name) => new URL(name, FOLDER).href });
  // Two, so that a second face is known of: with one, whoever comes first would be followed without a word.
  library.setOptions({
    maxNumFaces: 2,
    refineLandmarks: true,
    minDetectionConfidence: 0.5,
    minTrackingConfidence: 0.5,
  });
  /** @type {Point[][]} */
  let faces = [];
  library.onResults(({ multiFaceLandmarks }) => (faces = multiFaceLandmarks ?? []));
  await library.initialize();
  return {
    find: async (image) => {
      faces = [];
      await library.send({ image });
      return faces.map((points) => ({ points, shapes: null }));
    },
    close: () => void library.close(),
  };
}

function requireWebGl() {
  const canvas = isInWorker() ? new OffscreenCanvas(1, 1) : document.createElement('canvas');
  if (!canvas.getContext('webgl2')) {
    throw new Error(
      'Faces are found by WebGL 2, which this browser does not have: switch it on, or take another browser.',
    );
  }
}

/** @param {URL} address */
function addScript(address) {
  return new Promise((resolve, reject) => {
    const script = document.createElement('script');
    script.setAttribute('src', address.href);
    script.addEventListener('load', resolve);
    const problem = new Error('The face model could not be loaded; is the network there?');
    script.addEventListener('error', () => reject(problem));
    document.body.appendChild(script);
  });
}
