// Pictures of twice and four times the size by the processor, in a real browser. CASES names a folder with characters and
// with what the native engine draws of them, told in cases.json.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { openBrowser, openPage, openSite } from './browser.js';

const CASES = JSON.parse(readFileSync(join(process.env.CASES ?? '', 'cases.json'), 'utf8'));
let browser;
let site;
let page;

before(async () => {
  [browser, site] = await Promise.all([openBrowser(), openSite()]);
  page = await openPage(browser, site.url);
});
after(async () => {
  await browser.close();
  site.close();
});

const open = (file, options) =>
  page.evaluate(
    async ([name, wishes]) => {
      globalThis.engine?.close();
      notices.length = 0;
      globalThis.engine = await open_(name, wishes);
    },
    [file, options],
  );

for (const file of ['yunagi.tha4', 'sharp.tha4', 'plain.tha4']) {
  test(`${file} in 32 bits is the native engine's portable picture at each scale`, async () => {
    await open(file, { prefer: 'wasm', precision: 'float32', workers: 2 });
    for (const { float32, ...one } of CASES.filter((each) => each.file === file)) {
      const like = await page.evaluate((each) => likeness(engine, each), { ...one, pixels: float32 });
      assert.ok(like === null || like >= 80, `scale ${one.scale}: ${like} dB`);
    }
    const said = await page.evaluate(() => notices);
    assert.deepEqual(said.length, { 'yunagi.tha4': 0, 'sharp.tha4': 1, 'plain.tha4': 1 }[file], String(said));
  });
}

test('16 bits are the native engine\'s; 1, 2 and 4 workers and the page\'s own thread draw the same bytes', async () => {
  const wanted = CASES.filter((one) => one.fixed16);
  const sums = wanted.map(() => new Set());
  for (const options of [{ workers: 1 }, { workers: 2 }, { workers: 4 }, { prefer: 'wasm-main' }]) {
    await open('yunagi.tha4', { prefer: 'wasm', ...options });
    for (const [index, { fixed16, ...one }] of wanted.entries()) {
      const like = await page.evaluate((each) => likeness(engine, each), { ...one, pixels: fixed16 });
      assert.ok(like === null || like >= 55, `scale ${one.scale}: ${like} dB`);
      sums[index].add(await page.evaluate(async (each) => sum((await engine.render(each.pose, each)).data), one));
    }
  }
  assert.deepEqual(sums.map((each) => each.size), wanted.map(() => 1));
});

test('a region is that rectangle of the whole picture, and pictures of other sizes in between change nothing', async () => {
  await open('sharp.tha4', { prefer: 'wasm', precision: 'float32', workers: 2 });
  const rows = await page.evaluate(async (pose) => {
    const found = [];
    for (const scale of [2, 4, 2]) {
      const whole = await engine.render(pose, { scale });
      const part = await engine.render(pose, { region: [221, 97, 40, 33], scale });
      await engine.render(pose, { region: [10, 20, 30, 40] });
      for (let row = 0; row < 33 * scale; row += 1) {
        const at = 4 * ((97 * scale + row) * whole.width + 221 * scale);
        const wide = 4 * 40 * scale;
        found.push(psnr(whole.data.subarray(at, at + wide), part.data.subarray(row * wide, (row + 1) * wide)));
      }
      found.push(whole.width === 512 * scale && part.height === 33 * scale ? Infinity : 0);
    }
    return found.filter((like) => like !== Infinity);
  }, CASES[0].pose);
  assert.deepEqual(rows, []);
});

test('a canvas gets the larger picture\'s pixels', async () => {
  const size = await page.evaluate(async (pose) => {
    const canvas = document.createElement('canvas');
    await engine.present(canvas, pose, { region: [216, 100, 50, 40], scale: 4 });
    return [canvas.width, canvas.height];
  }, CASES[0].pose);
  assert.deepEqual(size, [200, 160]);
});

test('a larger drawing of somebody else is one sentence, and the picture is enlarged', async () => {
  const [said, like] = await page.evaluate(async (one) => {
    const character = await web.readCharacter(await (await fetch('/cases/sharp.tha4')).arrayBuffer());
    const swapped = { ...character, readDrawing: async () => Promise.reject(new web.CharacterError('it is another one.')) };
    const heard = [];
    const onNotice = (text) => heard.push(text);
    const made = await web.createEngine(swapped, { prefer: 'wasm', workers: 1, precision: 'float32', onNotice });
    const found = await likeness(made, { ...one, pixels: one.float32 });
    made.close();
    return [heard, found];
  }, CASES.find((one) => one.file === 'plain.tha4' && one.scale === 2));
  assert.deepEqual(said, ['it is another one.']);
  assert.ok(like === null || like >= 80, `${like} dB`);
});

test('a scale between is refused in one sentence', async () => {
  const said = await page.evaluate(
    (pose) => Promise.all([3, 8, 1.5, NaN].map((scale) => engine.render(pose, { scale }).catch((error) => error.message))),
    CASES[0].pose,
  );
  assert.equal(said[0], 'pictures are drawn at a scale above 0 and up to 1, or of 2 or 4, not 3; leave it out for 1.');
  assert.ok(said.every((sentence) => /^[^\n]+\.$/.test(sentence)), String(said));
});

test('nothing went wrong on the page meanwhile', () => {
  assert.deepEqual(page.problems, []);
});
