import assert from 'node:assert/strict';
import test from 'node:test';

import {fromSite} from '../site.js';

const {PictureScale} = await fromSite('shared/picture_scale.js');

test("a finer picture is taken when it is clearly shown, and let go of when it hardly is: the addon's steps", () => {
  const scale = new PictureScale();
  const steps = [[0.3, 1], [1.2, 1], [1.3, 2], [1.2, 2], [1.12, 2], [1.05, 1], [2.4, 2], [2.6, 4], [2.3, 4]];
  for (const [pixels, wanted] of [...steps, [2.1, 2], [9, 4], [0, 1]]) {
    assert.equal(scale.choose(pixels, 4), wanted, `of ${pixels}`);
  }
});

test('never a finer one than the drawing has', () => {
  const scale = new PictureScale();
  assert.deepEqual([scale.choose(9, 4), scale.choose(9, 2), scale.choose(9, 1)], [4, 2, 1]);
});
