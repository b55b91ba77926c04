// The poser in a real Chromium, on a real server; WebAssembly, which is quick without a graphics card.
import assert from 'node:assert/strict';
import {readFile} from 'node:fs/promises';
import path from 'node:path';
import test, {after, before} from 'node:test';

import {seriousFaults} from '../axe.js';
import {openBrowser} from '../browser.js';

/** A character with tiny networks: it is drawn in a few milliseconds. */
const SMALL = '../characters/small.tha4';
const FOLDER = process.env.CHARACTERS ?? '';
const OFFICIAL = ['character_model.yaml', 'character.png', 'face_morpher.pt', 'body_morpher.pt'];

/** @type {Awaited<ReturnType<typeof openBrowser>>} */
let browser;
/** @type {import('playwright-core').Page} */
let page;

before(async () => {
  browser = await openBrowser();
  page = await browser.open();
});
after(() => browser.close());

/** Loads the poser. @param {string} address what follows the page's */
async function load(address) {
  const [query, fragment] = address.split('#');
  await page.goto('about:blank');
  await page.goto(`${browser.site}poser/${query}${query ? '&' : '?'}engine=wasm${fragment ? `#${fragment}` : ''}`);
}

/** Shows the poser, alive. @param {string} [address] what follows the page's */
async function show(address = `?character=${SMALL}`) {
  await load(address);
  await page.waitForFunction(() => document.getElementById('engine')?.textContent?.startsWith('WebAssembly'));
}

/** What is on the canvas, as a number. */
function look() {
  return page.evaluate(() => {
    const shown = /** @type {HTMLCanvasElement} */ (document.querySelector('#stage canvas'));
    const copy = new OffscreenCanvas(shown.width, shown.height);
    const context = /** @type {OffscreenCanvasRenderingContext2D} */ (copy.getContext('2d'));
    context.drawImage(shown, 0, 0);
    return context.getImageData(0, 0, copy.width, copy.height).data.reduce((sum, byte) => (sum * 31 + byte) | 0, 7);
  });
}

/** Waits until the picture is one that is wanted, and stays. @param {(picture: number) => boolean} [isWanted] */
async function picture(isWanted = () => true) {
  const until = Date.now() + 20_000;
  for (let last = await look(); Date.now() < until; ) {
    await page.waitForTimeout(60);
    const now = await look();
    if (now === last && isWanted(now)) {
      return now;
    }
    last = now;
  }
  return assert.fail('no such picture was shown');
}

/** @param {number} one */
const otherThan = (one) => picture((now) => now !== one);
/** @param {number} one */
const same = (one) => picture((now) => now === one);

/** Sets a slider as a hand does. @param {string} name @param {number} value */
async function slide(name, value) {
  await page.locator(`input[data-parameter=${name}]`).evaluate((slider, wanted) => {
    /** @type {HTMLInputElement} */ (slider).value = String(wanted);
    slider.dispatchEvent(new Event('input', {bubbles: true}));
  }, value);
}

/** @param {string} name */
const slider = (name) => page.locator(`input[data-parameter=${name}]`).inputValue();

test('Yunagi lives: she is there, breathes, and nothing is asked of any other host', async () => {
  await show('');
  await page.waitForFunction(() => / a second/.test(document.getElementById('cost')?.textContent ?? ''));
  assert.match(await page.locator('#credits').innerText(), /^Yunagi by .*; licence: CC0-1\.0\.$/);
  assert.equal(await page.locator('button[data-character=yunagi]').getAttribute('aria-pressed'), 'true');
  await page.locator('button[data-character=kohaku]').click();
  await page.waitForFunction(() => document.title.startsWith('Kohaku'));
  assert.match(page.url(), /character=kohaku/);
});

test('sliders, keys and moods move the picture; at rest it is the one of before, and nothing is computed', async () => {
  // Who asks for less motion has none but what they ask for.
  await page.emulateMedia({reducedMotion: 'reduce'});
  await show();
  assert.equal(await page.locator('[data-habit]:checked').count(), 0);
  const rest = await picture();
  await page.locator('input[data-parameter=mouth_aaa]').press('End');
  await otherThan(rest);
  await page.locator('input[data-parameter=mouth_aaa]').press('0');
  await same(rest);
  await page.locator('#stage').press('ArrowLeft');
  assert.equal(await slider('head_y'), '0.1');
  await otherThan(rest);
  await page.locator('#rest').click();
  await same(rest);
  await page.locator('button[data-mood=joy]').click();
  const joy = await otherThan(rest);
  await page.waitForFunction(() => document.querySelector('[data-parameter=mouth_delta] + output')?.textContent === '0.65');
  await page.locator('button[data-view=full]').click();
  await otherThan(joy);
  await page.locator('button[data-view=head]').click();
  await page.locator('#rest').click();
  await same(rest);
  await page.waitForFunction(() => document.getElementById('cost')?.textContent?.startsWith('at rest'));
});

test('one slider moves both sides, or two one each: 45 in all', async () => {
  await slide('eye_wink', 0.5);
  assert.deepEqual([await slider('eye_wink_left'), await slider('eye_wink_right')], ['0.5', '0.5']);
  await page.locator('#together').uncheck();
  assert.equal(await page.locator('input[data-parameter]:visible').count(), 45);
  await slide('eye_wink_left', 1);
  assert.deepEqual([await slider('eye_wink_left'), await slider('eye_wink_right')], ['1', '0.5']);
});

test('she looks at the pointer, and a page that nobody sees does nothing', async () => {
  await page.locator('#rest').click();
  await page.locator('[data-habit=look]').check();
  await page.mouse.move(20, 400);
  const left = await picture();
  await page.mouse.move(900, 400);
  await otherThan(left);
  /** @param {boolean} hidden */
  const hide = (hidden) =>
    page.evaluate((value) => {
      Object.defineProperty(document, 'hidden', {configurable: true, get: () => value});
      document.dispatchEvent(new Event('visibilitychange'));
    }, hidden);
  await page.locator('[data-habit=look]').uncheck();
  await page.waitForFunction(() => document.getElementById('cost')?.textContent?.startsWith('at rest'));
  await hide(true);
  const hidden = await look();
  await slide('mouth_aaa', 1);
  await page.waitForTimeout(300);
  assert.equal(await look(), hidden);
  await hide(false);
  await otherThan(hidden);
});

test('a dropped file and an official directory show their characters; a broken one is one sentence', async () => {
  const before = await look();
  const bytes = [...(await readFile(path.join(FOLDER, 'other.tha4')))];
  await page.evaluate((given) => {
    const data = new DataTransfer();
    data.items.add(new File([new Uint8Array(given)], 'other.tha4'));
    dispatchEvent(new DragEvent('drop', {dataTransfer: data, bubbles: true, cancelable: true}));
  }, bytes);
  await page.waitForFunction(() => document.title.startsWith('Other'));
  const other = await otherThan(before);
  assert.match(await page.locator('#credits').innerText(), /^Other by Somebody; licence: CC BY 4\.0\./);

  await page.locator('#file').setInputFiles({name: 'bad.tha4', mimeType: '', buffer: Buffer.from('no character')});
  const problem = page.locator('.notice.problem');
  await problem.waitFor();
  assert.match(await problem.innerText(), /^bad\.tha4 [^\n]+\.\s/);
  assert.equal(await look(), other, 'who was there stays');
  await page.locator('#file').setInputFiles({name: 'a.txt', mimeType: '', buffer: Buffer.from('text')});
  await page.waitForFunction(() => document.querySelector('.problem')?.textContent?.includes('character_model.yaml'));

  if (process.env.OFFICIAL) {
    const buttons = await page.locator('#characters [aria-pressed]').count();
    await page.locator('#file').setInputFiles(OFFICIAL.map((name) => path.join(process.env.OFFICIAL ?? '', name)));
    await page.waitForFunction(
      (count) => document.querySelectorAll('#characters [aria-pressed]').length === count,
      buttons + 1,
    );
    await otherThan(other);
    assert.equal(await problem.count(), 0);
  }
});

test('a link restores pose and view; copied pose and link say the same', async () => {
  await show(`?character=${SMALL}#view=full&eye_wink=0.25&head_y=-0.5`);
  assert.deepEqual([await slider('eye_wink_right'), await slider('head_y')], ['0.25', '-0.5']);
  assert.equal(await page.locator('button[data-view=full]').getAttribute('aria-pressed'), 'true');
  await page.locator('#link').click();
  await page.locator('[role=status] .notice').waitFor();
  const link = await page.evaluate(() => navigator.clipboard.readText());
  assert.ok(link.endsWith('#view=full&eye_wink=0.25&head_y=-0.5'), link);
  await page.locator('#copy').click();
  await page.waitForFunction(() => document.querySelector('[role=status]')?.textContent?.startsWith('The pose'));
  const json = await page.evaluate(() => navigator.clipboard.readText());
  assert.deepEqual(JSON.parse(json), {eye_wink: 0.25, head_y: -0.5});
  await page.locator('#paste').click();
  await page.locator('#pose-text').fill('{"mouth_aaa": 7}');
  await page.locator('#paste-box button').click();
  assert.deepEqual([await slider('mouth_aaa'), await slider('head_y')], ['1', '0']);
  await page.waitForFunction(() => document.querySelector('[role=status]')?.textContent?.includes('1 is taken for 7'));
  await page.locator('#pose-text').fill('{"mouth_aa": 1}');
  await page.locator('#paste-box button').click();
  assert.match(await page.locator('.problem').innerText(), /no pose parameter named "mouth_aa"/);
});

test('a picture and a video are saved', async () => {
  await page.locator('#background').selectOption('transparent');
  await picture();
  const saved = page.waitForEvent('download');
  await page.locator('#save').click();
  const file = await saved;
  assert.equal(file.suggestedFilename(), 'Small.png');
  const png = await readFile(await file.path());
  assert.equal(png.readUInt32BE(16), 512);
  assert.equal(png[25], 6, 'with alpha');

  await page.locator('[data-habit=drift]').check();
  await page.locator('#record').click();
  await page.waitForFunction(() => /\(([1-9]\d*) kB\)/.test(document.getElementById('record')?.textContent ?? ''));
  const recorded = page.waitForEvent('download');
  await page.locator('#record').click();
  const video = await recorded;
  assert.equal(video.suggestedFilename(), 'Small.webm');
  const webm = await readFile(await video.path());
  assert.equal(webm.readUInt32BE(0), 0x1a45dfa3);
  assert.ok(webm.length > 1000, `${webm.length} bytes`);
});

test('shown large she is drawn finer, and saved so; shown small she is not', async () => {
  /** @param {number} pixels a side */
  const drawnAt = (pixels) =>
    page.waitForFunction(
      (wanted) => /** @type {HTMLCanvasElement | null} */ (document.querySelector('#stage canvas'))?.width === wanted,
      pixels,
    );
  await show('?character=../characters/sharp.tha4#view=full');
  await drawnAt(1024);
  await page.locator('#background').selectOption('transparent');
  const saved = page.waitForEvent('download');
  await page.locator('#save').click();
  const png = await readFile(await (await saved).path());
  assert.deepEqual([png.readUInt32BE(16), png.readUInt32BE(20)], [1024, 1024]);
  await page.setViewportSize({width: 1440, height: 520});
  await drawnAt(512);
  await page.setViewportSize({width: 1440, height: 900});
  await drawnAt(1024);
});

test('what the address asks for and cannot have is said on the page, and Yunagi is there', async () => {
  await load('?character=https://evil.example/a.tha4');
  await page.waitForFunction(() => document.title.startsWith('Yunagi'));
  assert.match(await page.locator('.problem').innerText(), /asks no other host for anything/);
  await load('?character=../characters/nobody.tha4');
  await page.waitForFunction(() => document.title.startsWith('Yunagi'));
  assert.match(await page.locator('.problem').innerText(), /nobody\.tha4 could not be fetched: the host says 404/);
  browser.expectProblem(/404/);
});

test('without any way to draw the picture is there at rest, and why stands beside it', async () => {
  await page.route('**/*.wasm', (route) => route.abort());
  await load(`?character=${SMALL}`);
  await page.locator('.problem').waitFor();
  assert.match(await page.locator('.problem').innerText(), /^this browser has no way to draw characters: [^\n]+\.\s/);
  assert.notEqual(await look(), 0);
  assert.match(await page.locator('#credits').innerText(), /^Small by Nobody/);
  await page.unroute('**/*.wasm');
  assert.equal(await page.locator('#characters [aria-pressed=true]').count(), 0);
  browser.expectProblem(/ERR_FAILED/);
  // WebGPU has been tried, too.
  browser.ignoreProblem(/No available adapters/);
});

for (const [width, height] of [[1440, 900], [390, 844]]) {
  test(`nobody is shut out at ${width} px, by light and by dark colours`, async () => {
    await page.setViewportSize({width, height});
    await show();
    await page.locator('#together').uncheck();
    const wide = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(wide <= width, `${wide} px wide`);
    for (const colorScheme of /** @type {const} */ (['light', 'dark'])) {
      await page.emulateMedia({colorScheme});
      assert.deepEqual(await seriousFaults(page), [], colorScheme);
    }
  });
}

test('the console was silent, and no other host was asked', () => browser.check());
