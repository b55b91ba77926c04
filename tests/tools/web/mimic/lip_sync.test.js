// @ts-check
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';

import { DEFAULTS, LEVEL_BAND, LipSync, hear } from '../../../../tools/web/mimic/lip_sync.js';
import { BANDS, VOWELS, envelope, vowelShares } from '../../../../tools/web/mimic/vowel_spectrum.js';

/** @type {{scale: number, magnitudes: number[], shares: number[]}[]} */
const CASES = JSON.parse(readFileSync(new URL('../../../vowel_cases.json', import.meta.url), 'utf8'));

test('spectra are the vowels that they are in the addon', () => {
  assert.ok(CASES.length > 20);
  for (const { scale, magnitudes, shares } of CASES) {
    vowelShares(magnitudes, scale).forEach((share, vowel) => assert.ok(Math.abs(share - shares[vowel]) < 2e-5));
  }
});

/** A voice that sings "ah": the largest of its harmonics in a band. @param {number} loudness */
const singing = (loudness) => (/** @type {number} */ from, /** @type {number} */ to) => {
  let largest = 1e-9;
  for (let harmonic = Math.ceil(from / 130) * 130; harmonic < to; harmonic += 130) {
    largest = Math.max(
      largest,
      (loudness *
        envelope(
          [780, 1200, 2600].map((f) => f * 1.15),
          harmonic,
        )) /
        envelope([897, 1380, 2990], 910),
    );
  }
  return largest;
};

test('a loud voice opens the mouth, a whisper does not', () => {
  const loud = hear(singing(0.3));
  assert.equal(VOWELS[loud.indexOf(Math.max(...loud))], 'aaa');
  assert.ok(loud[0] > 0.9);
  const quiet = hear(singing(0.02));
  assert.ok(quiet[0] > 0.2 && quiet[0] < loud[0]);
  assert.deepEqual(hear(singing(0.001)), [0, 0, 0, 0, 0]);
});

test('loudness and vowels are asked for in the bands of the addon', () => {
  /** @type {number[][]} */
  const asked = [];
  hear((from, to) => asked.push([from, to]) && 0.1);
  assert.deepEqual(asked, [LEVEL_BAND, ...BANDS]);
});

test('speech takes over the mouth and gives it back; the rest of the face is left alone', () => {
  const face = { mouth_aaa: 0.1, mouth_delta: 0.5, mouth_raised_corner_left: 0.7, head_x: 0.2 };
  const lips = new LipSync();
  assert.equal(lips.over(face), face);
  for (let n = 0; n < 30; n++) lips.advance([0, 0, 0, 0, 0.8], 1 / 60);
  const spoken = lips.over(face);
  assert.ok(Math.abs(spoken.mouth_ooo - 0.8) < 1e-3 && spoken.mouth_aaa < 1e-3 && spoken.mouth_delta < 1e-3);
  assert.equal(spoken.mouth_raised_corner_left, 0.7);
  for (let n = 0; n < 60; n++) lips.advance([0, 0, 0, 0, 0], 1 / 60);
  assert.deepEqual(lips.over(face), face);
});

test('any step gives the same motion', () => {
  const [once, twice] = [new LipSync(), new LipSync()];
  once.advance([1, 0, 0, 0, 0], 0.02);
  twice.advance([1, 0, 0, 0, 0], 0.01);
  twice.advance([1, 0, 0, 0, 0], 0.01);
  assert.ok(Math.abs(once.over({}).mouth_aaa - twice.over({}).mouth_aaa) < 1e-9);
  const sudden = new LipSync({ ...DEFAULTS, attack: 0 });
  sudden.advance([1, 0, 0, 0, 0], 0.001);
  assert.equal(sudden.over({}).mouth_aaa, 1);
});
