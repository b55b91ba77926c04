// @ts-check
/**
 * What finds faces in pictures, on the thread that it is opened on: MediaPipe's Face Mesh, whose models are on the
 * site, or its Face Landmarker with a model file, which gives blendshapes as well.
 *
 * @module
 */

import { openFaceLandmarker } from './face_landmarker.js';
import { openFaceMesh } from './face_mesh.js';

/** @typedef {import('./face_points.js').Point} Point */
/** @typedef {HTMLVideoElement | HTMLCanvasElement | ImageBitmap} Image */
/**
 * A face in a picture.
 *
 * @typedef {object} Found
 * @property {Point[]} points 478 of them
 * @property {import('./blendshapes.js').Blendshapes | null} shapes what a face landmarker says of it
 */
/**
 * @typedef {object} Finder
 * @property {(image: Image, time: number) => Promise<Found[]>} find the faces in a picture, taken at a time in
 *     milliseconds, which only grows. The first time takes seconds
 * @property {() => void} close lets go of everything
 */

/**
 * @param {Uint8Array<ArrayBuffer> | null} model a face_landmarker.task; null: Face Mesh
 * @returns {Promise<Finder>}
 */
export function openFinder(model) {
  return model ? openFaceLandmarker(model) : openFaceMesh();
}
