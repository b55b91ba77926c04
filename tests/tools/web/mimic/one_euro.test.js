// @ts-check
import assert from 'node:assert/strict';
import test from 'node:test';

import { OneEuro, cutoffOf, faceFilter } from '../../../../tools/web/mimic/one_euro.js';

/**
 * The paper's formulas, step by step, for one value.
 *
 * @param {number[]} values
 * @param {number} rate @param {number} cutoff @param {number} beta in Hz, Hz, Hz for each unit a second
 */
function asInThePaper(values, rate, cutoff, beta) {
  const alpha = (/** @type {number} */ fc) => 1 / (1 + rate / (2 * Math.PI * fc));
  let [x, dx] = [values[0], 0];
  return values.map((value, number) => {
    if (number === 0) return x;
    dx = alpha(1) * (value - x) * rate + (1 - alpha(1)) * dx;
    const share = alpha(cutoff + beta * Math.abs(dx));
    x = share * value + (1 - share) * x;
    return x;
  });
}

test('it is the filter of the paper', () => {
  const values = Array.from({ length: 60 }, (_, n) => Math.sin(n / 5) + (n > 30 ? 2 : 0) + ((n * 7919) % 13) / 100);
  for (const [cutoff, beta] of [
    [1, 0],
    [1, 0.5],
    [0.3, 2],
  ]) {
    const filter = new OneEuro(cutoff, beta);
    const expected = asInThePaper(values, 30, cutoff, beta);
    values.forEach((value, n) => assert.ok(Math.abs(filter.filter([0, value], n / 30)[1] - expected[n]) < 1e-9));
  }
});

test('trembling is smoothed, and a blink followed', () => {
  const filter = faceFilter(0.5);
  let most = 0;
  for (let n = 0; n < 120; n++) {
    const [value] = filter.filter([n % 2 ? 0.02 : -0.02], n / 30);
    if (n > 30) most = Math.max(most, Math.abs(value));
  }
  assert.ok(most < 0.008, `a tremble of 0.02 leaves ${most}`);
  let value = 0;
  for (let n = 0; n < 3; n++) [value] = filter.filter([1], 4 + n / 30);
  assert.ok(value > 0.8, `a tenth of a second after a blink it is at ${value}`);
});

test('more smoothing is smoother', () => {
  const cutoffs = [0, 0.25, 0.5, 0.75, 1].map(cutoffOf);
  assert.deepEqual(
    [...cutoffs].sort((a, b) => b - a),
    cutoffs,
  );
  assert.ok(Math.abs(cutoffs[0] - 8) < 1e-9 && Math.abs(cutoffs[4] - 0.4) < 1e-9);
});

test('a row that is not newer changes nothing, and after a reset the next is taken as it is', () => {
  const filter = new OneEuro(1, 0);
  filter.filter([1], 5);
  assert.deepEqual(filter.filter([9], 5), [1]);
  assert.deepEqual(filter.filter([9], 4), [1]);
  filter.reset();
  assert.deepEqual(filter.filter([9], 1), [9]);
});
