// @ts-check
import assert from 'node:assert/strict';
import test from 'node:test';

import { faceOf } from '../../../../tools/web/mimic/coefficients.js';
import { mapFace } from '../../../../tools/web/mimic/face_mapping.js';
import { featuresFrom, featuresOf } from '../../../../tools/web/mimic/face_points.js';
import { BY_POINTS } from '../../../../tools/web/mimic/ways.js';
import { madeFace } from './made_face.js';

/** @param {import('./made_face.js').Moves} moves */
function features(moves) {
  const found = featuresOf(madeFace(moves), 4 / 3);
  assert.ok(found);
  return found;
}

const NEUTRAL = features({ gap: 0.05, x: 8 });

/** The pose of a face that moved from its neutral one. @param {import('./made_face.js').Moves} moves */
const pose = (moves) => mapFace(faceOf(features({ gap: 0.05, x: 8, ...moves }), NEUTRAL));

/** What is not at rest. @param {Record<string, number>} values */
const moved = (values) =>
  Object.entries(values)
    .filter(([, value]) => Math.abs(value) > 1e-6)
    .map(([name]) => name)
    .sort();

test('the neutral face is the resting pose, and a little trembling is, too', () => {
  assert.deepEqual(moved(pose({})), []);
  const trembling = pose({ open: 0.29, brow: 0.005, gap: 0.06, wide: 0.004, lift: 0.003 });
  assert.deepEqual(moved(trembling), []);
});

test('each movement moves its own parameters, and those alone', () => {
  /** @type {[string, import('./made_face.js').Moves, string[]][]} */
  const cases = [
    [
      'both eyes shut',
      { open: 0.09 },
      ['eye_raised_lower_eyelid_left', 'eye_raised_lower_eyelid_right', 'eye_wink_left', 'eye_wink_right'],
    ],
    ['one eye shut', { openLeft: 0.09 }, ['eye_raised_lower_eyelid_left', 'eye_wink_left']],
    ['eyes wide', { open: 0.45 }, ['eye_surprised_left', 'eye_surprised_right']],
    ['a brow up', { browLeft: 0.07 }, ['eyebrow_raised_left']],
    ['brows down', { brow: -0.04 }, ['eyebrow_angry_left', 'eyebrow_angry_right']],
    ['looking aside', { aside: 0.15 }, ['iris_rotation_y']],
    ['looking up', { up: 0.1 }, ['iris_rotation_x']],
    ['corners down', { lift: -0.04 }, ['mouth_lowered_corner_left', 'mouth_lowered_corner_right']],
    ['head turned', { y: 6 }, ['body_y', 'head_y']],
    ['head leaning', { z: 6 }, ['body_z', 'neck_z']],
    ['head down', { x: 15 }, ['head_x']],
  ];
  for (const [what, moves, expected] of cases) assert.deepEqual(moved(pose(moves)), expected, what);
});

test('shut eyes are shut, and looks go where the eyes do', () => {
  assert.equal(pose({ open: 0.09 }).eye_wink_right, 1);
  assert.ok(pose({ aside: 0.15 }).iris_rotation_y < -0.5, "to the face's own left: the viewer's right");
  assert.ok(pose({ aside: -0.15 }).iris_rotation_y > 0.5);
  assert.ok(pose({ up: 0.1 }).iris_rotation_x > 0.5);
  assert.ok(pose({ up: -0.1 }).iris_rotation_x < -0.5);
});

test('a head that turns far past its limits is at the limit', () => {
  const { head_x, head_y, neck_z } = pose({ x: 8 + 40, y: 50, z: -60 });
  assert.deepEqual([head_x, head_y, neck_z], [-1, -1, -1]);
});

test('an open mouth says what its lips are like', () => {
  const aaa = pose({ gap: 0.35 });
  assert.ok(aaa.mouth_aaa > 0.9 && aaa.mouth_uuu + aaa.mouth_ooo < 0.1, JSON.stringify(aaa));
  const iii = pose({ gap: 0.13, wide: 0.1 });
  assert.ok(iii.mouth_iii > 0.25 && iii.mouth_iii > iii.mouth_aaa, JSON.stringify(iii));
  const uuu = pose({ gap: 0.12, wide: -0.17 });
  assert.ok(uuu.mouth_uuu > 0.3 && uuu.mouth_uuu > uuu.mouth_aaa, JSON.stringify(uuu));
  const ooo = pose({ gap: 0.3, wide: -0.17 });
  assert.ok(ooo.mouth_ooo > 0.5 && ooo.mouth_ooo > ooo.mouth_uuu, JSON.stringify(ooo));
});

test('a smile lifts the corners, and a broad one closes the eyes with happy lids', () => {
  const smile = pose({ wide: 0.1, lift: 0.05 });
  assert.ok(smile.mouth_raised_corner_left > 0.5);
  assert.equal(smile.mouth_lowered_corner_left, 0);
  const laughing = pose({ wide: 0.14, lift: 0.08, open: 0.09 });
  assert.ok(laughing.eye_happy_wink_left > 0.9 && laughing.eye_wink_left < 0.1);
});

test('without calibration a usual face is nearly at rest', () => {
  const values = mapFace(faceOf(features({ x: 9 }), featuresFrom(BY_POINTS.typical)));
  for (const [name, value] of Object.entries(values)) assert.ok(Math.abs(value) < 0.2, `${name} ${value}`);
});

test('angles are taken round the circle', () => {
  const turned = { ...NEUTRAL, turn: /** @type {[number, number, number]} */ ([-179, 0, 0]) };
  const rest = { ...NEUTRAL, turn: /** @type {[number, number, number]} */ ([178, 0, 0]) };
  assert.ok(Math.abs(faceOf(turned, rest).turn[0] - 3) < 1e-9);
});
