// Pixels computed one by one in 64 bits. CASES names a folder with characters and with what the reference engine draws of
// them, told in cases.json.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { Evaluation } from '../../../../tha4_core/engines/web/drawing/evaluate.js';
import { readCharacter } from '../../../../tha4_core/engines/web/index.js';

const FOLDER = process.env.CASES ?? '';

for (const { file, pose, region, reference } of JSON.parse(readFileSync(join(FOLDER, 'cases.json'), 'utf8'))) {
  test(`${file} is the reference engine's picture`, async () => {
    const pixels = readFileSync(join(FOLDER, reference));
    const evaluation = new Evaluation(await readCharacter(readFileSync(join(FOLDER, file))), Float32Array.from(pose));
    const [left, top, width, height] = region;
    let seen = 0;
    for (let at = 0; at < width * height; at += 1) {
      const wanted = pixels.subarray(4 * at, 4 * at + 4);
      const drawn = evaluation.pixel(left + (at % width), top + Math.floor(at / width));
      seen += Number(wanted[3] > 0);
      const weight = wanted[3] / 255;
      assert.ok(Math.abs(drawn[3] - wanted[3]) < 0.6, `alpha ${drawn} ${[...wanted]}`);
      for (let channel = 0; channel < 3; channel += 1) {
        assert.ok(Math.abs(drawn[channel] - wanted[channel]) * weight < 0.6, `${drawn} ${[...wanted]}`);
      }
    }
    assert.ok(seen > 0);
  });
}
