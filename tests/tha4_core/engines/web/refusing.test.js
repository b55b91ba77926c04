// Each bad file is refused in one sentence. CASES names a folder with files, with words of each sentence in
// expected.json, and with the tables of cases that all readers share in tables.json.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { readCharacter } from '../../../../tha4_core/engines/web/index.js';
import { namedFiles } from '../../../../tha4_core/engines/web/reading/model_yaml.js';
import { NetworksError, readNetworks } from '../../../../tha4_core/engines/web/reading/networks.js';

const FOLDER = process.env.CASES ?? '';
const read = (name) => JSON.parse(readFileSync(join(FOLDER, name), 'utf8'));

function checkSentence(sentence, words) {
  assert.ok(sentence.includes(words), `${sentence} has not ${words}`);
  assert.ok(/[.?]$/.test(sentence) && !sentence.includes('\n'), sentence);
}

for (const [name, words] of Object.entries(read('expected.json'))) {
  test(name, async () => {
    await assert.rejects(readCharacter(readFileSync(join(FOLDER, name)), 'hero.tha4'), (error) => {
      assert.equal(error.name, 'CharacterError');
      assert.ok(error.message.startsWith('hero.tha4'), error.message);
      checkSentence(error.message, words);
      return true;
    });
  });
}

test('descriptions of networks that every reader refuses', () => {
  for (const { networks, says } of read('tables.json').networks) {
    assert.throws(
      () => readNetworks(networks),
      (error) => {
        assert.ok(error instanceof NetworksError, String(error));
        checkSentence(error.message, says);
        return true;
      },
    );
  }
});

test('YAML that every reader accepts', () => {
  for (const { name, text, image } of read('tables.json').yaml.accepted) {
    const files = namedFiles(new TextEncoder().encode(text), 'model.yaml');
    assert.deepEqual(Object.values(files), [image, 'face.pt', 'body.pt'], name);
  }
});

test('YAML that every reader refuses', () => {
  for (const { name, text, says } of read('tables.json').yaml.refused) {
    assert.throws(
      () => namedFiles(new TextEncoder().encode(text), 'model.yaml'),
      (error) => {
        assert.equal(error.name, 'CharacterError', name);
        checkSentence(error.message, says);
        return true;
      },
    );
  }
});
