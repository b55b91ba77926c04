// @ts-check
/**
 * Blendshapes and matrix of MediaPipe's face landmarker as a face.
 *
 * @module
 */

import { clamp01 } from './face.js';
import { turnOf } from './face_points.js';

/**
 * @typedef {object} Blendshapes
 * @property {ReadonlyArray<{categoryName: string, score: number}>} categories named as ARKit does, `_neutral` among them
 * @property {ArrayLike<number>} matrix 4 x 4, row by row; its upper left 3 x 3 turns the head
 */

/**
 * @param {Blendshapes} shapes
 * @returns {import('./face.js').Face}
 */
export function faceOfBlendshapes({ categories, matrix }) {
  const values = Object.fromEntries(
    categories
      .filter(({ categoryName, score }) => categoryName !== '_neutral' && Number.isFinite(score))
      .map(({ categoryName, score }) => [categoryName, clamp01(score)]),
  );
  /** @param {number} column @returns {[number, number, number]} */
  const axis = (column) => [matrix[column], matrix[4 + column], matrix[8 + column]];
  return { values, turn: turnOf([axis(0), axis(1), axis(2)]) };
}
