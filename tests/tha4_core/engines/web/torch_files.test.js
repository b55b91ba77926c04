// PyTorch's files. CASES names a folder with some, and with words of each one's sentence in expected.json; none: it is
// read.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { readStateDict } from '../../../../tha4_core/engines/web/reading/torch_files.js';

const FOLDER = process.env.CASES ?? '';
const json = (name) => JSON.parse(readFileSync(join(FOLDER, name), 'utf8'));

for (const [name, words] of Object.entries(json('expected.json'))) {
  const bytes = new Uint8Array(readFileSync(join(FOLDER, name)));
  test(`${name}: ${words || 'is read'}`, () => {
    if (words) {
      assert.throws(
        () => readStateDict(bytes, name),
        (error) => {
          assert.equal(error.name, 'CharacterError');
          assert.ok(error.message.includes(words) && /^[^\n]+\.$/.test(error.message), error.message);
          return true;
        },
      );
      return;
    }
    const tensors = readStateDict(bytes, name);
    const shapes = [...tensors].map(([tensor, { shape }]) => [tensor, shape]);
    assert.deepEqual(Object.fromEntries(shapes), json('shapes.json'));
  });
}
