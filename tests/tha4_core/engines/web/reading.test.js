// What is read of whole files. CASES names a folder with them, and with what the library reads, in expected.json.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { readCharacter, readOfficialDirectory } from '../../../../tha4_core/engines/web/index.js';

const FOLDER = process.env.CASES ?? '';
const EXPECTED = JSON.parse(readFileSync(join(FOLDER, 'expected.json'), 'utf8'));

const sum = (values) => createHash('sha256').update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength)).digest('hex');

async function told({ weights, networks, picture, masks, readDrawing, ...info }) {
  const drawing = await readDrawing();
  const layers = [...weights.face, ...weights.body.flat(), ...weights.heads, weights.last];
  return {
    ...info,
    summed: networks.summed,
    grids: [networks.face, ...networks.body].map((level) => level.grid),
    drawing: drawing && sum(drawing),
    picture: sum(picture),
    masks: masks && sum(masks),
    weights: layers.flatMap((layer) => [sum(layer.weight), sum(layer.bias)]),
  };
}

for (const [name, expected] of Object.entries(EXPECTED)) {
  test(`${name} is read as the library reads it`, async () => {
    const character = await readCharacter(readFileSync(join(FOLDER, name)));
    assert.deepEqual(await told(character), expected);
  });
}

test('bytes, a buffer and a blob are the same', async () => {
  const bytes = new Uint8Array(readFileSync(join(FOLDER, 'networks_3.tha4')));
  const odd = new Uint8Array(bytes.length + 1);
  odd.set(bytes, 1);
  for (const source of [bytes.buffer, new Blob([bytes]), odd.subarray(1)]) {
    assert.deepEqual(await told(await readCharacter(source)), EXPECTED['networks_3.tha4']);
  }
});

test('an official directory is the same character as its file', async () => {
  const names = readdirSync(join(FOLDER, 'hero')).filter((name) => name !== 'character_hd.png');
  const files = names.map((name) => new File([readFileSync(join(FOLDER, 'hero', name))], name));
  assert.deepEqual(await told(await readOfficialDirectory(files)), EXPECTED['yunagi.tha4']);
});

test('a larger drawing of somebody else is refused in one sentence', async () => {
  const files = readdirSync(join(FOLDER, 'hero')).map((name) => new File([readFileSync(join(FOLDER, 'hero', name))], name));
  const character = await readOfficialDirectory(files);
  assert.equal(character.drawingEdge, 1024);
  await assert.rejects(character.readDrawing(), {
    name: 'CharacterError',
    message: /^character_hd.png is not the character's picture drawn larger: [^\n]+\.$/,
  });
});

test('a directory with its folder, and without character.json, is called as the folder', async () => {
  const files = readdirSync(join(FOLDER, 'hero'))
    .filter((name) => !name.endsWith('.json'))
    .map((name) => {
      const file = new File([readFileSync(join(FOLDER, 'hero', name))], name);
      return Object.defineProperty(file, 'webkitRelativePath', { value: `hero/${name}` });
    });
  const character = await readOfficialDirectory(files);
  assert.equal(character.name, 'hero');
  assert.deepEqual(character.headRegion, [160, 48, 192, 192]);
  assert.equal(character.masks, null);
});

test('a directory without one of its files says which', async () => {
  const files = ['character_model.yaml', 'character.png', 'face_morpher.pt'].map(
    (name) => new File([readFileSync(join(FOLDER, 'hero', name))], name),
  );
  await assert.rejects(readOfficialDirectory(files), {
    name: 'CharacterError',
    message: 'character_model.yaml names body_morpher.pt, which is not among the files; choose it, too.',
  });
  await assert.rejects(readOfficialDirectory(files.slice(1)), { message: /^there is no character_model.yaml among/ });
});
