import assert from 'node:assert/strict';
import {readFile} from 'node:fs/promises';
import test from 'node:test';

import {fromSite} from '../site.js';

const {Life} = await fromSite('shared/life/life.js');
const {SIZE, indicesOf} = await fromSite('shared/parameters.js');

test('a character looks, breathes, drifts and blinks as the addon lets it', async () => {
  const table = JSON.parse(await readFile(new URL('../../../life_cases.json', import.meta.url), 'utf8'));
  const draws = table.draws.values();
  const draw = () => draws.next().value ?? assert.fail('more chances were drawn than the addon draws');
  const life = new Life({blinks: {uniform: draw, normal: draw}, seed: table.noise_seed});
  const base = Array(SIZE).fill(0);
  for (const [name, value] of Object.entries(table.base)) {
    indicesOf(name).forEach((/** @type {number} */ index) => (base[index] = value));
  }
  let direction = null;
  for (const [step, expected] of table.poses.entries()) {
    const look = table.looks.find(([from]) => from === step);
    if (look) {
      direction = look[1] || look[2] ? {x: look[1], y: look[2]} : null;
    }
    const pose = life.advance(table.step, base, direction);
    const rest = new Set(pose.keys());
    table.parameters.forEach((/** @type {string} */ name, /** @type {number} */ column) => {
      const [index] = indicesOf(name);
      rest.delete(index);
      const apart = Math.abs(pose[index] - expected[column]);
      assert.ok(apart < 3e-4, `${name} at step ${step}: ${pose[index]}, not ${expected[column]}`);
    });
    assert.ok([...rest].every((index) => pose[index] === 0), `something else moves at step ${step}`);
  }
});

test('what it is not to do, it does not, and the pose is the one that is given', () => {
  const life = new Life();
  const base = Array(SIZE).fill(0);
  base[indicesOf('head_y')[0]] = 0.5;
  const alive = life.advance(1, base, {x: 1, y: 1});
  assert.notDeepEqual([...alive], base);
  Object.keys(life.habits).forEach((habit) => (life.habits[habit] = false));
  assert.deepEqual([...life.advance(60, base, {x: 1, y: 1})], base);
});

test('blinks come at the mean interval of the addon', async () => {
  const {Blink, CHANCE} = await fromSite('shared/life/blink.js');
  const {PoseLayers} = await fromSite('shared/pose_layers.js');
  let seed = 5;
  const uniform = () => (seed = (seed * 16807) % 2147483647) / 2147483647;
  const normal = () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
  const blink = new Blink(new PoseLayers(), {uniform, normal});
  const base = Array(SIZE).fill(0);
  let blinks = 0;
  let closed = false;
  for (let step = 0; step < 20000; step++) {
    blink.advance(0.05, base);
    blinks += Number(blink.closure > 0 && !closed);
    closed = blink.closure > 0;
  }
  // 4 seconds and a blink between two, and one in eight is followed by another at once, which these steps see as one.
  assert.ok(blinks > 200 && blinks < 270, `${blinks} blinks in 1000 seconds`);
  for (let count = 0; count < 1000; count++) {
    assert.ok(Number.isFinite(CHANCE.normal()));
  }
});
