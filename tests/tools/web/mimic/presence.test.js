// @ts-check
import assert from 'node:assert/strict';
import test from 'node:test';

import { FADE, NO_FACE, PATIENCE, Presence, TWO_FACES, followed } from '../../../../tools/web/mimic/presence.js';

const STEP = 0.05;

/** What is said, and the share, after some seconds of frames with so many faces. */
class Watched {
  /** @type {string[]} */
  said = [];
  presence = new Presence((sentence) => this.said.push(sentence));

  /** @param {number} seconds @param {number} faces */
  see(seconds, faces) {
    for (let n = 0; n < Math.round(seconds / STEP); n++) {
      this.presence.saw(faces);
      this.presence.advance(STEP);
    }
  }
}

test('a face takes over within the fade, and a lost one lets go after a while, gently; it is said once', () => {
  const watched = new Watched();
  watched.see(FADE + 2 * STEP, 1);
  assert.equal(watched.presence.share, 1);
  assert.deepEqual(watched.said, []);
  watched.see(PATIENCE - 2 * STEP, 0);
  assert.equal(watched.presence.share, 1, 'a frame without a face is no reason');
  watched.see(FADE / 2 + 2 * STEP, 0);
  assert.ok(watched.presence.share > 0 && watched.presence.share < 1, 'on its way');
  watched.see(60, 0);
  assert.equal(watched.presence.share, 0);
  assert.deepEqual(watched.said, [NO_FACE]);
  watched.see(3, 1);
  assert.deepEqual(watched.said, [NO_FACE, ''], 'and taken back');
  assert.equal(watched.presence.share, 1);
});

test('a picture that never shows a face is said after a moment, not at once', () => {
  const watched = new Watched();
  watched.see(PATIENCE - 2 * STEP, 0);
  assert.deepEqual(watched.said, []);
  watched.see(4 * STEP, 0);
  assert.deepEqual(watched.said, [NO_FACE]);
  watched.presence.restart();
  assert.deepEqual(watched.said, [NO_FACE, '']);
});

test('two faces are said once while they are there', () => {
  const watched = new Watched();
  watched.see(2, 1);
  for (let n = 0; n < 20; n++) {
    watched.see(0.2, 2);
    watched.see(0.2, 1); // the second face flickers
  }
  assert.deepEqual(watched.said, [TWO_FACES]);
  watched.see(2, 1);
  assert.deepEqual(watched.said, [TWO_FACES, '']);
});

test('without a picture nothing is said and the character goes back to rest', () => {
  const watched = new Watched();
  watched.see(2, 1);
  for (let n = 0; n < 40; n++) watched.presence.advance(STEP, false);
  assert.equal(watched.presence.share, 0);
  assert.deepEqual(watched.said, []);
});

test('the nearest face is followed, and not left for one that is hardly nearer', () => {
  const near = { size: 0.3, x: 0.2, y: 0.5 };
  const far = { size: 0.2, x: 0.8, y: 0.5 };
  assert.equal(followed([], null), -1);
  assert.equal(followed([far, near], null), 1);
  assert.equal(followed([{ ...far, size: 0.28 }, near], { x: 0.8, y: 0.5 }), 0);
  assert.equal(followed([far, near], { x: 0.8, y: 0.5 }), 1);
});
