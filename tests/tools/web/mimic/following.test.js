// @ts-check
import assert from 'node:assert/strict';
import test from 'node:test';

import { featuresFrom } from '../../../../tools/web/mimic/face_points.js';
import { Following } from '../../../../tools/web/mimic/following.js';
import { FRAMES } from '../../../../tools/web/mimic/neutral.js';
import { NO_FACE, TWO_FACES } from '../../../../tools/web/mimic/presence.js';
import { madeFace } from './made_face.js';

const STEP = 1 / 30;

/** A visitor before a camera of 30 pictures a second, and what the character does. */
class Visit {
  /** @type {string[]} */
  said = [];
  following = new Following((sentence) => this.said.push(sentence));
  time = 0;
  /** @type {Record<string, number>} */
  pose = {};

  /** @param {number} seconds @param {...import('./made_face.js').Moves} faces */
  see(seconds, ...faces) {
    for (let n = 0; n < Math.round(seconds / STEP); n++) {
      this.time += STEP;
      const found = faces.map((moves) => ({ points: madeFace(moves), shapes: null }));
      this.following.take(found, 4 / 3, this.time);
      this.pose = this.following.advance(STEP, true);
    }
  }
}

test('a face is calibrated, and then followed as in a mirror, or not', () => {
  const visit = new Visit();
  /** @type {string[]} */
  const told = [];
  visit.following.smoothing = 0;
  visit.see(1, { x: 12, gap: 0.06, z: 3 });
  visit.following.calibrate((problem) => told.push(problem));
  visit.see((FRAMES - 1) * STEP, { x: 12, gap: 0.06, z: 3 });
  assert.deepEqual(told, []);
  visit.see(1, { x: 12, gap: 0.06, z: 3 });
  assert.deepEqual(told, ['']);
  for (const [name, value] of Object.entries(visit.pose)) assert.ok(Math.abs(value) < 1e-6, `${name} ${value}`);

  visit.see(1, { x: 12, gap: 0.36, z: 13, openLeft: 0.08 });
  assert.ok(visit.pose.mouth_aaa > 0.6);
  assert.ok(Math.abs(visit.pose.neck_z + 10 / 15) < 0.02, 'who leans right is seen to lean right in a mirror');
  assert.ok(visit.pose.eye_wink_right > 0.9 && visit.pose.eye_wink_left < 0.1);
  visit.following.mirror = false;
  visit.see(0.1, { x: 12, gap: 0.36, z: 13, openLeft: 0.08 });
  assert.ok(Math.abs(visit.pose.neck_z - 10 / 15) < 0.02);
  assert.ok(visit.pose.eye_wink_left > 0.9 && visit.pose.eye_wink_right < 0.1);
});

test('a calibration that is asked for twice is done once', () => {
  const visit = new Visit();
  /** @type {string[]} */
  const told = [];
  visit.following.calibrate((problem) => told.push(`first ${problem}`));
  visit.see(2 * STEP, {});
  visit.following.calibrate((problem) => told.push(`second ${problem}`));
  visit.see(1, {});
  assert.deepEqual(told, ['second ']);
});

test('a slow machine calibrates with fewer pictures, before the visitor moves', () => {
  const { following } = new Visit();
  /** @type {string[]} */
  const told = [];
  following.calibrate((problem) => told.push(problem));
  for (const time of [0, 0.6, 1.2, 1.8]) {
    assert.equal(told.length, time > 1.2 ? 1 : 0);
    following.take([{ points: madeFace({ x: time > 1.2 ? 40 : 5 }), shapes: null }], 4 / 3, time);
  }
  assert.ok(Math.abs(featuresFrom(following.neutral).turn[0] - 5) < 1e-6);
});

test('closed eyes are not taken as the neutral face, and what was is kept', () => {
  const visit = new Visit();
  const before = visit.following.neutral;
  /** @type {string[]} */
  const told = [];
  visit.following.calibrate((problem) => told.push(problem));
  visit.see(1, { open: 0.08 });
  assert.equal(told.length, 1);
  assert.match(told[0], /eyes/);
  assert.equal(visit.following.neutral, before);
});

test('a calibration that is not over when the picture changes says so', () => {
  const visit = new Visit();
  /** @type {string[]} */
  const told = [];
  visit.following.calibrate((problem) => told.push(problem));
  visit.see(2 * STEP, {});
  visit.following.restart();
  visit.see(1, {});
  assert.equal(told.length, 1);
  assert.match(told[0], /Calibrate again/);
});

test('a face that is lost lets the character go back to rest, said once', () => {
  const visit = new Visit();
  visit.see(1, { z: 15 });
  const leaning = visit.pose.neck_z;
  assert.ok(leaning < -0.9);
  visit.see(1.25);
  assert.ok(visit.pose.neck_z > leaning && visit.pose.neck_z < -0.1, 'on its way');
  visit.see(10);
  assert.deepEqual(visit.pose, {});
  assert.deepEqual(visit.said, [NO_FACE]);
  visit.see(1, { z: 15 });
  assert.ok(Math.abs(visit.pose.neck_z - leaning) < 0.01);
  assert.deepEqual(visit.said, [NO_FACE, '']);
});

test('of two faces the nearest is followed, and it is said', () => {
  const visit = new Visit();
  visit.see(1, { z: -9, scale: 0.1, at: [0.8, 0.5] }, { z: 9, scale: 0.2, at: [0.3, 0.5] });
  assert.ok(visit.pose.neck_z < -0.5);
  assert.deepEqual(visit.said, [TWO_FACES]);
});

test('without a picture the character goes back to rest, and nothing is said', () => {
  const visit = new Visit();
  visit.see(1, { z: 15 });
  for (let n = 0; n < 60; n++) visit.pose = visit.following.advance(STEP, false);
  assert.deepEqual(visit.pose, {});
  assert.deepEqual(visit.said, []);
});
