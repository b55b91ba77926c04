// When a larger drawing is read, given to what draws, and let go of; without a browser.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { LostError } from '../../../../tha4_core/engines/web/drawing/drawer.js';
import { LargerDrawing } from '../../../../tha4_core/engines/web/drawing/larger.js';

const BYTES = new Uint8Array(4);

/** A character, what draws it, and what is asked of both. */
function scene({ drawingEdge = 2048, readDrawing = async () => BYTES, fails = () => null } = {}) {
  const asked = [];
  const character = { name: 'Blob', drawingEdge, readDrawing: () => (asked.push('read'), readDrawing()) };
  const drawer = () => ({
    beginLarger: async (drawing, times) => {
      asked.push(`begin ${drawing ? 'drawing' : 'nothing'} ${times}`);
      const error = fails(drawing);
      if (error) {
        throw error;
      }
    },
    endLarger: async () => void asked.push('end'),
  });
  const notices = [];
  return { asked, notices, drawer, larger: new LargerDrawing(character, (sentence) => notices.push(sentence)) };
}

test('it is read once, and given to what draws at first, and when that or the size is another', async () => {
  const { asked, drawer, larger } = scene();
  const [one, other] = [drawer(), drawer()];
  await larger.suit(one, 1);
  assert.deepEqual(asked, []);
  await larger.read();
  assert.deepEqual(asked, ['read']);
  for (const [draws, times] of [[one, 2], [one, 2], [one, 1], [one, 2], [one, 4], [other, 4], [other, 4]]) {
    await larger.suit(draws, times);
  }
  assert.deepEqual(asked, ['read', 'begin drawing 2', 'begin drawing 4', 'begin drawing 4']);
});

test('when a hundred pictures in a row need none it is let go of, and read again when one does', async () => {
  const { asked, drawer, larger } = scene();
  const draws = drawer();
  await larger.suit(draws, 2);
  const rest = async (count) => {
    for (let picture = 0; picture < count; picture += 1) {
      await larger.suit(draws, 1);
    }
  };
  await rest(99);
  await larger.suit(draws, 2);
  await rest(99);
  assert.deepEqual(asked, ['read', 'begin drawing 2']);
  await rest(101);
  assert.deepEqual(asked.slice(2), ['end']);
  await larger.suit(draws, 2);
  assert.deepEqual(asked.slice(3), ['read', 'begin drawing 2']);
});

test('what is enlarged is said once', async () => {
  for (const [drawingEdge, times, said] of [[0, [2, 4], '512 pixels, which is enlarged for pictures of 1024'],
    [1024, [2, 4, 2], '1024 pixels, which is enlarged for pictures of 2048'], [2048, [2, 4], null]]) {
    const { notices, drawer, larger } = scene({ drawingEdge, readDrawing: async () => (drawingEdge ? BYTES : null) });
    const draws = drawer();
    for (const each of times) {
      await larger.suit(draws, each);
    }
    const whole = `Blob has a drawing of ${said}; tools/convert.py --drawing-hd gives it a larger one.`;
    assert.deepEqual(notices, said ? [whole] : []);
  }
});

test('a drawing that cannot be read, or that there is no memory for, is said, and the picture is enlarged', async () => {
  const broken = scene({ readDrawing: async () => Promise.reject(new Error('it is another drawing.')) });
  await broken.larger.suit(broken.drawer(), 2);
  assert.deepEqual(broken.notices, ['it is another drawing.']);
  assert.deepEqual(broken.asked, ['read', 'begin nothing 2']);
  const small = scene({ fails: (drawing) => drawing && new Error('there is no memory.') });
  await small.larger.suit(small.drawer(), 2);
  assert.equal(small.notices.length, 1);
  assert.match(small.notices[0], /^Blob cannot be drawn from the larger drawing here, .*: there is no memory\.$/);
  assert.deepEqual(small.asked, ['read', 'begin drawing 2', 'begin nothing 2']);
});

test('what else goes wrong is the engine\'s to know: a lost device, or that nothing can be drawn larger', async () => {
  const lost = scene({ fails: () => new LostError() });
  await assert.rejects(lost.larger.suit(lost.drawer(), 2), LostError);
  const none = scene({ fails: () => new Error('no.') });
  await assert.rejects(none.larger.suit(none.drawer(), 2), /^Error: no\.$/);
});
