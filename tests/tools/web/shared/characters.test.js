import assert from 'node:assert/strict';
import test from 'node:test';

import {fromSite} from '../site.js';

const {characterAddress, readFiles} = await fromSite('shared/characters.js');
const {creditLines} = await fromSite('shared/credits.js');
const PAGE = 'https://artist.example/show/poser/?x=1';

test('a name means a built-in character, anything else a file of the same host', () => {
  assert.equal(characterAddress('kohaku', PAGE).href, 'https://artist.example/show/built_in/kohaku.tha4');
  assert.equal(characterAddress('yunagi_light', PAGE).href, 'https://artist.example/show/built_in/yunagi_light.tha4');
  assert.equal(characterAddress('../mine.tha4', PAGE).href, 'https://artist.example/show/mine.tha4');
  assert.equal(characterAddress('/mine.tha4', PAGE).href, 'https://artist.example/mine.tha4');
});

for (const elsewhere of ['https://evil.example/a.tha4', '//evil.example/a.tha4', 'data:,a', 'javascript:alert(1)']) {
  test(`nothing of another host is asked for: ${elsewhere}`, () => {
    assert.throws(() => characterAddress(elsewhere, PAGE), /asks no other host for anything; download it, and drop it/);
  });
}

test('what is no address is said', () => {
  assert.throws(() => characterAddress('https://[', PAGE), /is no address; name a \.tha4 file of this site\.$/);
});

test('several characters at once are one too many', () => {
  const files = ['a.tha4', 'b.THA4'].map((name) => new File([], name));
  assert.throws(() => readFiles(files), /there are 2 characters, such as a\.tha4; give one\.$/);
});

test('whom a character owes something is said in lines', () => {
  const credit = {work: 'THA3', creator: 'P', licence: 'CC BY 4.0', terms: 'name him', link: 'https://example.org'};
  assert.deepEqual(creditLines({name: 'Hero', author: 'You', licence: 'CC0', credits: [credit]}), [
    'Hero by You; licence: CC0.',
    'Made with THA3 by P, CC BY 4.0 (name him), https://example.org',
  ]);
  assert.deepEqual(creditLines({name: '', author: '', licence: '', credits: []}), [
    'A character without a name; no licence is named: ask its maker before you use it.',
  ]);
});
