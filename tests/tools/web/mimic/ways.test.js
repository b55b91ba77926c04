// @ts-check
import assert from 'node:assert/strict';
import test from 'node:test';

import { foundIn } from '../../../../tools/web/mimic/face_landmarker.js';
import { mapFace } from '../../../../tools/web/mimic/face_mapping.js';
import { BY_BLENDSHAPES, BY_POINTS } from '../../../../tools/web/mimic/ways.js';
import { madeFace } from './made_face.js';

/** A head that leans to its left by 30 degrees, column by column as MediaPipe has it, and is somewhere. */
const [COSINE, SINE] = [Math.cos(Math.PI / 6), Math.sin(Math.PI / 6)];
const LEANING = [COSINE, -SINE, 0, 0, SINE, COSINE, 0, 0, 0, 0, 1, 0, 3, 4, -50, 1];

/** What a face landmarker finds. @param {Record<string, number>} scores @param {number[]} [columns] */
function shaped(scores, columns = LEANING) {
  const categories = Object.entries({ _neutral: 0.5, ...scores }).map(([categoryName, score]) => ({
    categoryName,
    score,
  }));
  const [found] = foundIn({
    faceLandmarks: [madeFace()],
    faceBlendshapes: [{ categories }],
    facialTransformationMatrixes: [{ data: columns }],
  });
  return found;
}

/** @param {Record<string, number>} scores */
function measure(scores) {
  const numbers = BY_BLENDSHAPES.measure(shaped(scores), 4 / 3);
  assert.ok(numbers);
  return numbers;
}

test('blendshapes and matrix are the pose that the mapping of ARKit\'s coefficients says', () => {
  const face = BY_BLENDSHAPES.faceOf(measure({ eyeBlinkLeft: 0.8, jawOpen: 0.4, mouthLowerDownLeft: 0.5, mouthLowerDownRight: 0.5 }), BY_BLENDSHAPES.typical);
  assert.ok(Math.abs(face.turn[2] + 30) < 1e-6, 'leaning left is negative, wherever the head is');
  const pose = mapFace(face);
  assert.deepEqual([pose.eye_wink_left, pose.eye_wink_right, pose.neck_z], [1, 0, -1]);
  assert.ok(pose.mouth_aaa > 0.5);
});

test('what a face shows at rest is taken off', () => {
  const rest = measure({ mouthSmileLeft: 0.5, browInnerUp: 0.2 });
  const face = BY_BLENDSHAPES.faceOf(rest, rest);
  for (const [name, value] of Object.entries(mapFace(face))) assert.ok(Math.abs(value) < 1e-9, name);
  const smiling = BY_BLENDSHAPES.faceOf(measure({ mouthSmileLeft: 1, browInnerUp: 0.2 }), rest);
  assert.equal(smiling.values.mouthSmileLeft, 1);
});

test('a face that the landmarker has no shapes for, or no numbers, is none', () => {
  const [bare] = foundIn({ faceLandmarks: [madeFace()], faceBlendshapes: [], facialTransformationMatrixes: [] });
  assert.equal(bare.points.length, madeFace().length);
  assert.equal(BY_BLENDSHAPES.measure(bare, 1), null);
  assert.equal(BY_BLENDSHAPES.measure(shaped({}, LEANING.map(() => NaN)), 1), null);
});

test('closed eyes and a hidden mouth are no neutral face', () => {
  /** @param {import('./made_face.js').Moves} [moves] */
  const problem = (moves) => {
    const found = BY_POINTS.measure({ points: madeFace(moves), shapes: null }, 4 / 3);
    return found && BY_POINTS.problemOf(found);
  };
  assert.equal(problem(), '');
  assert.equal(BY_POINTS.problemOf(BY_POINTS.typical), '');
  assert.match(problem({ openLeft: 0.08 }) ?? '', /eyes/);
  assert.match(problem({ wide: -0.45 }) ?? '', /mouth/);
  assert.equal(BY_BLENDSHAPES.problemOf(measure({})), '');
  assert.match(BY_BLENDSHAPES.problemOf(measure({ eyeBlinkRight: 0.9 })), /eyes/);
});
