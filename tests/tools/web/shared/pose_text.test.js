import assert from 'node:assert/strict';
import {readFile} from 'node:fs/promises';
import test from 'node:test';

import {fromSite} from '../site.js';

const {poseFromFragment, poseFromJson, poseToFragment, poseToJson} = await fromSite('shared/pose_text.js');
const {SIZE, indicesOf} = await fromSite('shared/parameters.js');
const CASES = JSON.parse(await readFile(new URL('../../../pose_cases.json', import.meta.url), 'utf8'));

for (const {text, pose, remark} of CASES.accepted) {
  test(`${text.slice(0, 60)} is read as the tools read it`, () => {
    const read = poseFromJson(text);
    const expected = new Float32Array(SIZE);
    for (const [name, value] of Object.entries(pose)) {
      indicesOf(name).forEach((/** @type {number} */ index) => (expected[index] = value));
    }
    assert.deepEqual(read.pose, expected);
    assert.equal(read.remark, remark ?? '');
    assert.deepEqual(poseFromJson(poseToJson(read.pose)).pose, expected, 'and is written so that it is read again');
  });
}

for (const {text, why} of CASES.refused) {
  test(`${text.slice(0, 60)} is refused in a sentence`, () => {
    assert.throws(() => poseFromJson(text), {name: 'PoseError', message: /^[^\n]+\.$/}, why);
  });
}

test('both sides that are the same are written as one', () => {
  const {pose} = poseFromJson('{"eye_wink": 0.12345, "mouth_aaa": 0, "head_y": -1, "iris_small_left": 0.5}');
  assert.deepEqual(JSON.parse(poseToJson(pose)), {eye_wink: 0.123, head_y: -1, iris_small_left: 0.5});
  assert.equal(poseToJson(new Float32Array(SIZE)), '{}');
});

test('a link keeps the pose and what else the page says', () => {
  const {pose} = poseFromJson('{"eye_wink": 0.25, "head_y": -0.5}');
  const fragment = poseToFragment(pose, {view: 'full'});
  assert.equal(fragment, 'view=full&eye_wink=0.25&head_y=-0.5');
  const read = poseFromFragment(`#${fragment}`, ['view']);
  assert.deepEqual(read.pose, pose);
  assert.deepEqual(read.more, {view: 'full'});
});

test('a damaged link is one sentence', () => {
  assert.throws(() => poseFromFragment('#head_q=1', []), /no pose parameter named "head_q"/);
  assert.throws(() => poseFromFragment('#head_x=', []), /head_x must be a finite number, from -1 to 1/);
  assert.throws(() => poseFromFragment('#head_x=1e999', []), /head_x must be a finite number/);
  assert.match(poseFromFragment('#head_x=7&mouth_aaa=-1', []).remark, /1 is taken for 7, and 1 more like it\.$/);
});
