// @ts-check
/** Maps faces that come as JSON on standard input: for each `{blendshapes, matrix | turn, offset, settings}` a pose. */

import { readFileSync } from 'node:fs';

import { faceOfBlendshapes } from '../../../../tools/web/mimic/blendshapes.js';
import { relativeTo } from '../../../../tools/web/mimic/face.js';
import { mapFace } from '../../../../tools/web/mimic/face_mapping.js';

const cases = JSON.parse(readFileSync(0, 'utf8'));
const poses = cases.map((/** @type {any} */ { blendshapes, matrix, offset, settings }) => {
  const categories = Object.entries(blendshapes).map(([categoryName, score]) => ({ categoryName, score }));
  const face = faceOfBlendshapes({ categories, matrix: matrix.flat() });
  return mapFace(relativeTo(face, { values: {}, turn: offset }), settings);
});
process.stdout.write(JSON.stringify(poses));
