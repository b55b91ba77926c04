import assert from 'node:assert/strict';
import test from 'node:test';

import {fromSite} from '../site.js';

const {encodePng} = await fromSite('shared/png.js');
const {decodePng} = await fromSite('engines/web/reading/png.js');

test('a picture is kept exactly, faint colours as well', async () => {
  const size = 512;
  const pixels = Uint8Array.from({length: size * size * 4}, (_, index) => (index * index) >>> 7);
  const file = await encodePng(size, size, pixels);
  assert.equal(file.type, 'image/png');
  const bytes = new Uint8Array(await file.arrayBuffer());
  assert.deepEqual(await decodePng(bytes, 'picture.png'), pixels);
});
