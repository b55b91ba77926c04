/**
 * MediaPipe's Face Mesh (Google, Apache License 2.0): finds faces in a picture, on this machine. Its files lie beside the
 * pages where `tools/web.py --face-mesh` has put them.
 */

/** @typedef {import('./face_points.js').Point} Point */

/**
 * What of the library is used.
 * @typedef {object} Library
 * @property {(options: object) => void} setOptions
 * @property {(listener: (results: {multiFaceLandmarks?: Point[][]}) => void) => void} onResults
 * @property {() => Promise<void>} initialize
 * @property {(inputs: {image: HTMLVideoElement | HTMLCanvasElement}) => Promise<void>} send
 */

const FOLDER = new URL('../models/face_mesh/', import.meta.url);
const SCRIPT = 'face_mesh.js';

export const MISSING =
  'The face model is not on this site: run "python3 tools/web.py --face-mesh" once, which fetches it (7 MB).';

/** Finds faces. */
export class FaceMesh {
  #library;
  /** @type {Point[][]} */
  #faces = [];

  /** @param {Library} library */
  constructor(library) {
    this.#library = library;
    // Two, so that a second face is known of: with one, whoever comes first would be followed without a word.
    library.setOptions({
      maxNumFaces: 2,
      refineLandmarks: true,
      minDetectionConfidence: 0.5,
      minTrackingConfidence: 0.5,
    });
    library.onResults(({ multiFaceLandmarks }) => (this.#faces = multiFaceLandmarks ?? []));
  }

  /**
   * The faces in a picture: 478 points each. The first time takes seconds.
   *
   * @param {HTMLVideoElement | HTMLCanvasElement} image
   * @returns {Promise<Point[][]>}
   */
  async find(image) {
    this.#faces = [];
    await this.#library.send({ image });
    return this.#faces;
  }
}

/** @type {Promise<FaceMesh> | null} */
let loading = null;

/**
 * The one of this page, loaded when it is first asked for. Rejects with a sentence.
 *
 * @returns {Promise<FaceMesh>}
 */
export function loadFaceMesh() {
  loading ??= load().catch((problem) => {
    loading = null; // it may be there the next time
    throw problem;
  });
  return loading;
}

async function load() {
  const answer = await fetch(new URL(SCRIPT, FOLDER), { method: 'HEAD' }).catch(() => null);
  if (!answer?.ok) {
    throw new Error(MISSING);
  }
  if (!document.createElement('canvas').getContext('webgl2')) {
    throw new Error(
      'Faces are found by WebGL 2, which this browser does not have: switch it on, or take another browser.',
    );
  }
  await addScript(new URL(SCRIPT, FOLDER));
  const Found = /** @type {{FaceMesh?: new (config: object) => Library}} */ (window).FaceMesh;
  if (!Found) {
    throw new Error(
      'The face model does not start: end tools/web.py and run it with --face-mesh, which checks its files.',
    );
  }
  const library = new Found({ locateFile: (/** @type {string} */ name) => new URL(name, FOLDER).href });
  const mesh = new FaceMesh(library);
  await library.initialize();
  return mesh;
}

/** @param {URL} address */
function addScript(address) {
  return new Promise((resolve, reject) => {
    const script = document.createElement('script');
    script.src = address.href;
    script.addEventListener('load', resolve);
    script.addEventListener('error', () => reject(new Error(MISSING)));
    document.head.append(script);
  });
}
