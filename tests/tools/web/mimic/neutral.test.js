// @ts-check
import assert from 'node:assert/strict';
import test from 'node:test';

import { featuresOf, numbersOf } from '../../../../tools/web/mimic/face_points.js';
import { TYPICAL, keep, middleOf, problemOf, recall } from '../../../../tools/web/mimic/neutral.js';
import { madeFace } from './made_face.js';

/** @param {import('./made_face.js').Moves} [moves] */
const features = (moves) =>
  /** @type {import('../../../../tools/web/mimic/face_points.js').Features} */ (featuresOf(madeFace(moves), 4 / 3));

/** A browser's storage. @param {Record<string, string>} [kept] */
const storage = (kept = {}) => ({
  kept,
  getItem: (/** @type {string} */ key) => kept[key] ?? null,
  setItem: (/** @type {string} */ key, /** @type {string} */ value) => void (kept[key] = value),
  removeItem: (/** @type {string} */ key) => void delete kept[key],
});

test('a blink during calibration does no harm', () => {
  const frames = [0.3, 0.31, 0.05, 0.29, 0.04, 0.3, 0.31].map((open) => features({ open }));
  const { left } = middleOf(frames);
  assert.ok(Math.abs(left.open - 0.3) < 1e-9);
  assert.ok(Math.abs(middleOf(frames.slice(0, 2)).left.open - 0.305) < 1e-9, 'of an even number: between the two');
});

test('closed eyes and a hidden mouth are no neutral face', () => {
  assert.equal(problemOf(features()), '');
  assert.equal(problemOf(TYPICAL), '');
  assert.match(problemOf(features({ openLeft: 0.08 })), /eyes/);
  assert.match(problemOf(features({ wide: -0.45 })), /mouth/);
});

test('what was kept is recalled', () => {
  const browser = storage();
  assert.equal(recall(browser), null);
  assert.equal(keep(browser, features({ x: 7 })), true);
  const found = recall(browser);
  assert.ok(found);
  numbersOf(found).forEach((number, place) =>
    assert.ok(Math.abs(number - numbersOf(features({ x: 7 }))[place]) < 1e-4),
  );
  keep(browser, null);
  assert.equal(recall(browser), null);
});

test('whatever else is kept under that name is passed over', () => {
  const browser = storage();
  keep(browser, features());
  const [key] = Object.keys(browser.kept);
  const numbers = numbersOf(features());
  for (const text of [
    '',
    'x',
    '{}',
    '[]',
    '[1,2]',
    JSON.stringify(numbers.map(String)),
    JSON.stringify(numbers.map(() => 1e9)),
    JSON.stringify(numbers.map(() => null)),
    JSON.stringify(numbers.map(() => 0)),
  ]) {
    assert.equal(recall(storage({ [key]: text })), null, text);
  }
});

test('a browser that keeps nothing does no harm', () => {
  const refuse = () => {
    throw new Error('denied');
  };
  assert.equal(recall({ getItem: refuse }), null);
  assert.equal(keep({ setItem: refuse, removeItem: refuse }, features()), false);
});
