// @ts-check
import assert from 'node:assert/strict';
import test from 'node:test';

import { POINTS, featuresFrom, featuresOf, numbersOf, sizeOf } from '../../../../tools/web/mimic/face_points.js';
import { madeFace } from './made_face.js';

/** @param {import('./made_face.js').Moves} [moves] @param {number} [aspect] */
function features(moves, aspect = 4 / 3) {
  const found = featuresOf(madeFace(moves, aspect), aspect);
  assert.ok(found);
  return found;
}

/** @param {number} value @param {number} expected @param {number} [by] */
const near = (value, expected, by = 1e-9) => assert.ok(Math.abs(value - expected) < by, `${value} is not ${expected}`);

test('ratios are those of the face', () => {
  const { left, right, open, inner, wide, turn } = features({
    open: 0.25,
    gap: 0.13,
    aside: 0.1,
    up: 0.05,
    brow: 0.02,
  });
  near(left.open, 0.25);
  near(right.open, 0.25);
  near(left.aside, 0.6); // the face's left: outwards for its left eye, inwards for the other
  near(right.aside, 0.4);
  near(left.up, 0.115);
  near(left.brow, 0.28);
  near(open, 0.13 / 0.52);
  near(inner, 0.52);
  near(wide, 0.6);
  turn.forEach((angle) => near(angle, 0));
});

test("sides are the face's own", () => {
  const { left, right } = features({ openLeft: 0.1, browLeft: 0.08 });
  near(left.open, 0.1);
  near(right.open, 0.3);
  near(left.brow - right.brow, 0.08);
});

test('turns are found, and change no ratio; nor do size, place and the shape of the picture', () => {
  const rest = features({ gap: 0.1, open: 0.25 });
  for (const moves of [{ x: 12 }, { y: -20 }, { z: 15 }, { x: -9, y: 14, z: -11 }]) {
    const moved = features({ gap: 0.1, open: 0.25, ...moves, scale: 0.11, at: [0.3, 0.7] }, 16 / 9);
    numbersOf(moved)
      .slice(0, 15)
      .forEach((number, place) => near(number, numbersOf(rest)[place], 1e-9));
    moved.turn.forEach((angle, axis) => near(angle, [moves.x ?? 0, moves.y ?? 0, moves.z ?? 0][axis], 1e-9));
  }
});

test('looking down, turning left and leaning right are positive, as in the addon', () => {
  const [x, y, z] = ['x', 'y', 'z'].map((axis) => madeFace({ [axis]: 10 }));
  const nose = 13; // stands out of the face
  const rest = madeFace();
  assert.ok(x[nose].y > rest[nose].y, 'down is further down in the picture');
  assert.ok(y[nose].x > rest[nose].x, "the face's left is the right-hand side of a picture that is not mirrored");
  assert.ok(z[10].x < rest[10].x, "the forehead leans to the face's right");
});

test('numbers and features are the same thing', () => {
  const found = features({ gap: 0.1, x: 3 });
  assert.deepEqual(featuresFrom(numbersOf(found)), found);
});

test('points that are no face have no features', () => {
  assert.equal(featuresOf([], 1), null);
  assert.equal(featuresOf(madeFace().slice(0, POINTS - 10), 1), null, 'a mesh without irises');
  assert.equal(
    featuresOf(
      madeFace().map(() => ({ x: 0.5, y: 0.5, z: 0 })),
      1,
    ),
    null,
  );
  assert.equal(
    featuresOf(
      madeFace().map(({ x, y }) => ({ x, y, z: NaN })),
      1,
    ),
    null,
  );
  assert.equal(featuresOf(madeFace(), NaN), null);
});

test('the nearer a face, the larger', () => {
  near(sizeOf(madeFace({ scale: 0.25 })), 0.25);
  near(sizeOf(madeFace({ scale: 0.5 })), 0.5);
});
