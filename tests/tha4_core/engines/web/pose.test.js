// Poses. CASES names a folder with what the library says of them, in pose.json.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { PARAMETERS, POSE_SIZE, clampPose, indicesOf, poseFromNames } from '../../../../tha4_core/engines/web/index.js';

const { parameters, values, clamped } = JSON.parse(readFileSync(join(process.env.CASES ?? '', 'pose.json'), 'utf8'));

test('the parameters are the library\'s', () => {
  const own = PARAMETERS.map(({ name, group, category, min, max, description }) => [name, group, category, min, max, description]);
  assert.deepEqual(own, parameters);
});

test('a pose is clamped as the library clamps it, into a new array', () => {
  assert.deepEqual([...clampPose(values)], clamped);
  const pose = clampPose(new Float32Array(POSE_SIZE));
  assert.notEqual(clampPose(pose), pose);
});

test('what is no pose is refused in one sentence', () => {
  for (const pose of [[], values.slice(1), [...values, 0], null, { length: POSE_SIZE }, values.with(7, NaN), values.with(7, '1')]) {
    assert.throws(() => clampPose(pose), { name: 'PoseError', message: /^[^\n]+\.$/ });
  }
  assert.throws(() => clampPose(values.with(7, Infinity)), { message: /eyebrow_raised_right \(index 7\) is Infinity/ });
});

test('names stand for places, groups for both sides', () => {
  assert.deepEqual(indicesOf('eye_wink'), [12, 13]);
  assert.deepEqual(indicesOf('head_x'), [39]);
  assert.deepEqual(indicesOf('tail'), []);
  assert.equal(poseFromNames({ eye_wink: 2 }).reduce((sum, value) => sum + value), 2);
  assert.throws(() => poseFromNames({ tail: 1 }), { name: 'PoseError' });
});
