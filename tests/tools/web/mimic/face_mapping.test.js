// @ts-check
import assert from 'node:assert/strict';
import test from 'node:test';

import { faceFrom, faceNumbers, relativeTo } from '../../../../tools/web/mimic/face.js';
import { mapFace, mirrored } from '../../../../tools/web/mimic/face_mapping.js';
import { mouthShares } from '../../../../tools/web/mimic/mouth_shapes.js';

/** Numbers from 0 to 1, the same each time. */
function* numbers() {
  for (let seed = 7; ;) {
    seed = (seed * 16807) % 2147483647;
    yield seed / 2147483647;
  }
}

const SHAPES = [
  [1, 1, 0, 0],
  [0, 1, 0, 0],
  [0.5, 0.3, 0.25, 0.75],
  [1, 0.5, 0.5, 0.4],
];

/** What is to be least (MOCAP.md section 3). @param {number[]} shares @param {number[]} mouth */
function cost(shares, mouth) {
  const left = mouth.map((value, row) =>
    shares.reduce((sum, share, vowel) => sum + share * SHAPES[vowel][row], -value),
  );
  return Math.hypot(...left) + 0.01 * shares.reduce((sum, share) => sum + share, 0);
}

test('no other mix of vowels is nearer to a mouth', () => {
  const random = numbers();
  const draw = () => /** @type {number} */ (random.next().value);
  for (let n = 0; n < 200; n++) {
    const mouth = /** @type {[number, number, number, number]} */ ([
      draw(),
      draw(),
      draw() * (n % 2),
      draw() * (n % 3),
    ]);
    const shares = mouthShares(mouth);
    assert.ok(shares.every((share) => share >= 0 && share <= 1));
    const least = cost(shares, mouth);
    for (const by of [0.1, 0.01, 0.001]) {
      for (let m = 0; m < 30; m++) {
        const other = shares.map((share) => Math.min(1, Math.max(0, share + by * (2 * draw() - 1))));
        assert.ok(cost(other, mouth) >= least - 1e-9, `${mouth}: ${other} is better than ${shares}`);
      }
    }
  }
});

test('mouths that are vowels are found, less the penalty', () => {
  SHAPES.forEach((shape, vowel) => {
    const shares = mouthShares(/** @type {[number, number, number, number]} */ (shape));
    assert.ok(shares[vowel] > 0.95, `${shares}`);
  });
  assert.deepEqual(mouthShares([0, 0, 0, 0]), [0, 0, 0, 0]);
});

test('a pose turned to its mirror image and back is itself', () => {
  const values = mapFace({
    values: { eyeBlinkLeft: 0.5, mouthSmileRight: 1, eyeLookOutLeft: 0.5, jawOpen: 0.4, browDownLeft: 0.1 },
    turn: [4, 5, -6],
  });
  const mirror = mirrored(values);
  assert.equal(mirror.eye_wink_right, values.eye_wink_left);
  assert.equal(mirror.eye_wink_left, 0);
  assert.equal(mirror.head_x, values.head_x);
  for (const name of ['iris_rotation_y', 'head_y', 'body_y', 'neck_z', 'body_z']) {
    assert.notEqual(values[name], 0, name);
    assert.equal(mirror[name], -values[name], name);
  }
  assert.deepEqual(mirrored(mirror), values);
});

test('a face less its neutral one', () => {
  const neutral = {
    values: { jawOpen: 0.2, eyeBlinkLeft: 0.1 },
    turn: /** @type {[number, number, number]} */ ([5, 0, -1]),
  };
  const { values, turn } = relativeTo(
    { values: { jawOpen: 0.6, eyeBlinkLeft: 0.05, mouthPucker: 0.3 }, turn: [7, 1, 1] },
    neutral,
  );
  assert.ok(Math.abs(values.jawOpen - 0.5) < 1e-9);
  assert.equal(values.eyeBlinkLeft, 0);
  assert.equal(values.mouthPucker, 0.3);
  assert.deepEqual(turn, [2, 1, 2]);
});

test('a face as numbers to filter, and back', () => {
  const { values, turn } = faceFrom(faceNumbers({ values: { jawOpen: 0.4, mouthPucker: 0.2 }, turn: [3, -6, 9] }));
  assert.equal(values.jawOpen, 0.4);
  assert.equal(values.mouthPucker, 0.2);
  assert.equal(values.eyeBlinkLeft, 0);
  turn.forEach((angle, axis) => assert.ok(Math.abs(angle - [3, -6, 9][axis]) < 1e-9));
});
