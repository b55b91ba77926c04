// @ts-check
/**
 * MediaPipe's Face Landmarker (Google, Apache License 2.0), with a model file of the visitor's or the site's. What
 * reads it lies beside the pages where `tools/web.py --face-landmarker` has put it.
 *
 * @module
 */

/** @typedef {import('./face_points.js').Point} Point */

/**
 * What a picture shows, as the library says it.
 * @typedef {object} Result
 * @property {Point[][]} faceLandmarks
 * @property {{categories: {categoryName: string, score: number}[]}[]} faceBlendshapes
 * @property {{data: ArrayLike<number>}[]} facialTransformationMatrixes 4 x 4, column by column
 */

const FOLDER = new URL('../models/tasks_vision/', import.meta.url);

/**
 * @param {Uint8Array<ArrayBuffer>} model a face_landmarker.task
 * @returns {Promise<import('./finders.js').Finder>}
 */
export async function openFaceLandmarker(model) {
  const { FaceLandmarker } = await import(new URL('vision_bundle.mjs', FOLDER).href);
  const landmarker = await FaceLandmarker.createFromOptions(
    {
      wasmLoaderPath: new URL('vision_wasm_internal.js', FOLDER).href,
      wasmBinaryPath: new URL('vision_wasm_internal.wasm', FOLDER).href,
    },
    {
      baseOptions: { modelAssetBuffer: model, delegate: 'CPU' },
      runningMode: 'VIDEO',
      // Two, so that a second face is known of.
      numFaces: 2,
      outputFaceBlendshapes: true,
      outputFacialTransformationMatrixes: true,
    },
  );
  return {
    find: async (image, time) => foundIn(landmarker.detectForVideo(image, time)),
    close: () => landmarker.close(),
  };
}

/**
 * @param {Result} result
 * @returns {import('./finders.js').Found[]}
 */
export function foundIn({ faceLandmarks, faceBlendshapes, facialTransformationMatrixes }) {
  return faceLandmarks.map((points, index) => {
    const categories = faceBlendshapes[index]?.categories;
    const columns = facialTransformationMatrixes[index]?.data;
    return { points, shapes: categories && columns ? { categories, matrix: transposed(columns) } : null };
  });
}

/** @param {ArrayLike<number>} matrix 4 x 4 */
const transposed = (matrix) => Array.from({ length: 16 }, (_, at) => matrix[4 * (at % 4) + (at >> 2)]);
