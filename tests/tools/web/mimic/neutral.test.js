// @ts-check
import assert from 'node:assert/strict';
import test from 'node:test';

import { keep, middleOf, recall } from '../../../../tools/web/mimic/neutral.js';
import { BY_BLENDSHAPES, BY_POINTS } from '../../../../tools/web/mimic/ways.js';
import { madeFace } from './made_face.js';

/** @param {import('./made_face.js').Moves} [moves] */
function measure(moves) {
  const found = BY_POINTS.measure({ points: madeFace(moves), shapes: null }, 4 / 3);
  assert.ok(found);
  return found;
}

/** A browser's storage. @param {Record<string, string>} [kept] */
const storage = (kept = {}) => ({
  kept,
  getItem: (/** @type {string} */ key) => kept[key] ?? null,
  setItem: (/** @type {string} */ key, /** @type {string} */ value) => void (kept[key] = value),
  removeItem: (/** @type {string} */ key) => void delete kept[key],
});

test('a blink during calibration does no harm', () => {
  const frames = [0.3, 0.31, 0.05, 0.29, 0.04, 0.3, 0.31].map((open) => [open, 1]);
  assert.deepEqual(middleOf(frames), [0.3, 1]);
  assert.ok(Math.abs(middleOf(frames.slice(0, 2))[0] - 0.305) < 1e-9, 'of an even number: between the two');
});

test('what was kept is recalled', () => {
  const browser = storage();
  assert.equal(recall(browser, BY_POINTS), null);
  assert.equal(keep(browser, BY_POINTS, measure({ x: 7 })), true);
  const found = recall(browser, BY_POINTS);
  assert.ok(found);
  const kept = measure({ x: 7 });
  found.forEach((number, place) => assert.ok(Math.abs(number - kept[place]) < 1e-4));
  assert.equal(recall(browser, BY_BLENDSHAPES), null, 'each way of taking faces has its own');
  keep(browser, BY_POINTS, null);
  assert.equal(recall(browser, BY_POINTS), null);
});

test('whatever else is kept under that name is passed over', () => {
  const browser = storage();
  keep(browser, BY_POINTS, measure());
  const [key] = Object.keys(browser.kept);
  const numbers = measure();
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
    assert.equal(recall(storage({ [key]: text }), BY_POINTS), null, text);
  }
});

test('a browser that keeps nothing does no harm', () => {
  const refuse = () => {
    throw new Error('denied');
  };
  assert.equal(recall({ getItem: refuse }, BY_POINTS), null);
  assert.equal(keep({ setItem: refuse, removeItem: refuse }, BY_POINTS, measure()), false);
});
