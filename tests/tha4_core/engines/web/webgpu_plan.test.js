// How networks are laid out for a graphics card, without one.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { PUBLISHED, bodyShapes, faceShapes } from '../../../../tha4_core/engines/web/reading/networks.js';
import { weightsOf } from '../../../../tha4_core/engines/web/reading/weights.js';
import { Plan } from '../../../../tha4_core/engines/web/webgpu/plan.js';
import { tileShader } from '../../../../tha4_core/engines/web/webgpu/tile_shader.js';
import { allTiles, tilesOf } from '../../../../tha4_core/engines/web/webgpu/tiles.js';

let state = 1;
const random = () => {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return state / 2 ** 32;
};

function characterOf(networks) {
  const made = (shapes) =>
    new Map([...shapes].map(([name, shape]) => {
      const count = shape.reduce((product, size) => product * size, 1);
      return [name, { shape, values: Float32Array.from({ length: count }, () => random() - 0.5) }];
    }));
  return { networks, weights: weightsOf(networks, made(faceShapes(networks)), made(bodyShapes(networks))) };
}

const WIDE = {
  face: { grid: 128, widths: [500, 3] },
  body: [{ grid: 256, widths: [512] }, { grid: 512, widths: [7, 500] }],
  summed: true,
};
const NETWORKS = { published: PUBLISHED, wide: WIDE, single: { ...WIDE, body: [{ grid: 512, widths: [1] }], summed: false } };

for (const [name, networks] of Object.entries(NETWORKS)) {
  for (const [snorm16, room] of [[false, 32768], [true, 32768], [false, 16384], [true, 16384]]) {
    test(`${name} networks fit ${room} bytes, ${snorm16 ? 16 : 32} bits`, () => {
      const plan = new Plan(characterOf(networks), snorm16, room);
      assert.equal(plan.stages.length, 1 + networks.body.length);
      let end = 0;
      for (const stage of plan.stages) {
        assert.ok(stage.shared <= room && stage.pixels >= 8);
        for (const { inputs, outputs, sums, offset } of stage.steps) {
          assert.ok(offset >= end && offset % 2 === 0 && sums % 2 === 0);
          assert.ok(outputs / sums <= 128 / (stage.pixels / 4), 'all outputs have a thread');
          end = offset + outputs * (inputs + 1);
        }
        const code = tileShader(stage, snorm16);
        assert.equal(code.split('{').length, code.split('}').length);
      }
      if (snorm16 && room === 16384) {
        assert.ok(plan.turned().length >= end);
      }
    });
  }
}

test('networks that no tile has room for are refused in one sentence', () => {
  assert.throws(() => new Plan(characterOf(WIDE), false, 4096), { name: 'EngineError', message: /^[^\n]+\.$/ });
});

test('a pose folds into what a first layer adds for every pixel', () => {
  const character = characterOf(PUBLISHED);
  const plan = new Plan(character, false, 32768);
  const pose = Float32Array.from({ length: 45 }, random);
  const constants = plan.fold(pose);
  const layer = character.weights.body[1][0];
  const channel = 7;
  const row = channel * layer.inputs + 180;
  let sum = layer.bias[channel];
  pose.forEach((value, index) => {
    sum += layer.weight[row + 2 + index] * value;
  });
  const at = 4 * (plan.stages[2].constants + channel);
  const [x, y] = [0.3, -0.7];
  const turns = constants[at] * x + constants[at + 1] * y + constants[at + 2];
  const wanted = Math.sin(30 * (layer.weight[row] * x + layer.weight[row + 1] * y + sum));
  assert.ok(Math.abs(Math.cos(2 * Math.PI * turns) - wanted) < 1e-4);
});

test('a region needs the tiles that are seen, and of coarser levels those that they read', () => {
  const { stages } = new Plan(characterOf(PUBLISHED), true, 32768);
  const body = stages.slice(1);
  for (let round = 0; round < 8; round += 1) {
    const [x, y] = [Math.floor(random() * 480), Math.floor(random() * 480)];
    const region = [x, y, 1 + Math.floor(random() * (512 - x)), 1 + Math.floor(random() * Math.min(60, 512 - y))];
    const masks = round % 2 ? Uint8Array.from({ length: 64 * 128 }, () => Math.floor(random() * 16)) : null;
    const lean = round % 4;
    const lists = tilesOf(body, region, masks, lean);
    let needed = new Set();
    for (let row = region[1]; row < region[1] + region[3]; row += 1) {
      for (let column = region[0]; column < region[0] + region[2]; column += 1) {
        if (!masks || (masks[(row >> 2) * 64 + (column >> 3)] >> lean) & 1) {
          needed.add(row * 512 + column);
        }
      }
    }
    for (let index = body.length - 1; index >= 0; index -= 1) {
      const { edge, pixels } = body[index];
      const height = pixels / 8;
      const listed = new Set(lists[index]);
      assert.equal(listed.size, lists[index].length);
      const wanted = new Set([...needed].map((at) => ((at % edge) >> 3) | (Math.floor(at / edge / height) << 16)));
      assert.ok([...wanted].every((tile) => listed.has(tile)), `level ${index} of round ${round}`);
      assert.ok(listed.size <= allTiles(body[index]).length);
      if (index === body.length - 1 && !masks) {
        assert.equal(listed.size, wanted.size);
      }
      // All pixels of a listed tile are computed, so all that these read must be there.
      needed = new Set();
      const half = edge / 2;
      for (const tile of listed) {
        for (let row = (tile >> 16) * height; row < (tile >> 16) * height + height; row += 1) {
          for (const below of [((row + 1) >> 1) - 1, (row + 1) >> 1]) {
            for (let column = ((tile & 0xffff) << 2) - 1; column <= ((tile & 0xffff) << 2) + 4; column += 1) {
              needed.add(Math.min(Math.max(below, 0), half - 1) * half + Math.min(Math.max(column, 0), half - 1));
            }
          }
        }
      }
    }
  }
});
