import assert from 'node:assert/strict';
import test from 'node:test';

import {fromSite} from '../site.js';

const {PoseMotion, expressionPose, surprisingPose} = await fromSite('poser/pose_motion.js');
const {PARAMETERS, SIZE, indexOf} = await fromSite('shared/parameters.js');
const HEAD = indexOf('head_y');
const MOUTH = indexOf('mouth_aaa');

test('a mood comes softly, and is then exactly there', () => {
  const motion = new PoseMotion();
  const joy = expressionPose({mouth_aaa: {value: 1, weight: 0.5}, head_y: {value: -1, weight: 1}});
  motion.moveTo(joy);
  assert.deepEqual(motion.goal, joy);
  const way = [];
  while (motion.advance(0.06)) {
    way.push(motion.pose[MOUTH]);
  }
  assert.deepEqual(way, [...way].sort(), 'never back');
  assert.ok(way[0] > 0 && way[0] < 0.1);
  assert.deepEqual(motion.pose, joy);
});

test('a hand that moves a slider on the way has the last word, and the others arrive', () => {
  const motion = new PoseMotion();
  motion.moveTo(expressionPose({mouth_aaa: {value: 1, weight: 1}, head_y: {value: 1, weight: 1}}));
  motion.advance(0.1);
  motion.setParameters([HEAD], -3);
  assert.equal(motion.pose[HEAD], -1);
  motion.advance(0.1);
  assert.equal(motion.pose[HEAD], -1);
  motion.advance(1);
  assert.equal(motion.pose[HEAD], -1);
  assert.equal(motion.pose[MOUTH], 1);
});

test('a pose that is set is there at once', () => {
  const motion = new PoseMotion();
  motion.moveTo(Array(SIZE).fill(1));
  motion.set(Array(SIZE).fill(0.25));
  assert.equal(motion.advance(1), false);
  assert.ok(motion.pose.every((/** @type {number} */ value) => value === 0.25));
});

test('surprising poses keep to the ranges, and differ', () => {
  const expressions = [{mouth_aaa: {value: 1, weight: 1}}, {eye_wink: {value: 1, weight: 1}}, {}];
  const poses = Array.from({length: 50}, () => surprisingPose(expressions));
  for (const pose of poses) {
    PARAMETERS.forEach(({min, max}, index) => assert.ok(pose[index] >= min && pose[index] <= max));
  }
  assert.ok(new Set(poses.map((pose) => pose[HEAD])).size > 40);
  assert.equal(new Set(poses.map((pose) => pose[MOUTH])).size, 2);
});
