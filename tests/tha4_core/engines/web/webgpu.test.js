// The graphics card's way to draw, in a real browser with a program that plays one. That is slow, so pictures are small.
// CASES names a folder with characters and with what the reference engine draws of them, told in cases.json.

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
  [browser, site] = await Promise.all([openBrowser({ gpu: true }), openSite()]);
  page = await openPage(browser, site.url, () => {
    // So that a test can take the device away.
    const { requestDevice } = GPUAdapter.prototype;
    globalThis.devices = [];
    GPUAdapter.prototype.requestDevice = async function request(...wishes) {
      const device = await requestDevice.apply(this, wishes);
      devices.push(device);
      return device;
    };
  });
});
after(async () => {
  await browser.close();
  site.close();
});

for (const { file, pose, region, reference, least } of CASES) {
  for (const [precision, decibels] of Object.entries(least)) {
    test(`${file} in ${precision} is the reference engine's picture`, async () => {
      const [name, detail, like, notices] = await page.evaluate(
        async ([one, wish]) => {
          const engine = await open_(one.file, { prefer: 'webgpu', precision: wish });
          const found = await likeness(engine, one);
          engine.close();
          return [engine.name, engine.detail, found, notices];
        },
        [{ file, pose, region, pixels: reference }, precision],
      );
      assert.equal(name, 'webgpu', String(notices));
      assert.match(detail, precision === 'float32' ? /32 bits$/ : /16 bits$/);
      assert.ok(like >= decibels, `${like} dB`);
    });
  }
}

const SMALL = CASES.find((one) => one.file === 'small.tha4');
let shown;

test('regions and smaller pictures are parts of the same picture, on a canvas, too', async () => {
  const found = await page.evaluate(async (one) => {
    notices.length = 0;
    globalThis.engine = await open_(one.file, { prefer: 'webgpu', precision: 'float32' });
    const [x, y, width] = one.region;
    const whole = await engine.render(one.pose, one);
    const part = await engine.render(one.pose, { region: [x + 9, y + 5, 20, 11] });
    const rows = Array.from({ length: 11 }, (_, row) => {
      const at = 4 * ((row + 5) * width + 9);
      return psnr(whole.data.subarray(at, at + 80), part.data.subarray(80 * row, 80 * row + 80));
    });
    const { shrink } = await import('/engines/web/drawing/pictures.js');
    const half = await engine.render(one.pose, { ...one, scale: 0.5 });
    const wanted = shrink(whole.data, whole.width, whole.height, [half.width, half.height]);
    globalThis.canvas = document.createElement('canvas');
    document.body.replaceChildren(canvas);
    document.body.style.background = 'rgb(0, 255, 0)';
    const { milliseconds } = await engine.present(canvas, one.pose, one);
    return { rows, half: psnr(half.data, wanted.data), size: [canvas.width, canvas.height], milliseconds };
  }, SMALL);
  assert.ok(found.rows.every((like) => like === Infinity), String(found.rows));
  assert.ok(found.half >= 55, `${found.half} dB`);
  assert.deepEqual(found.size, SMALL.region.slice(2));
  assert.ok(found.milliseconds > 0);
  shown = await worstPixel();
  assert.ok(shown <= 3, `off by ${shown}`);
});

test('a lost device is made anew: the picture stays, and one sentence says so', async () => {
  const before_ = await page.screenshot();
  const [name, like] = await page.evaluate(async (one) => {
    devices.at(-1).destroy();
    await devices.at(-1).lost;
    return [engine.name, await likeness(engine, { ...one, pixels: one.reference })];
  }, SMALL);
  assert.equal(name, 'webgpu');
  assert.ok(like >= 80, `${like} dB`);
  assert.ok(before_.equals(await page.screenshot()), 'the canvas shows what it showed');
  assert.ok((await worstPixel()) <= 3);
  assert.deepEqual(await page.evaluate(() => notices), [
    'the graphics device was lost; the picture stays while the engine is made anew.',
  ]);
});

test('a device that is lost while it draws, with no other, makes the processor draw', async () => {
  const [name, like, said] = await page.evaluate(async (one) => {
    navigator.gpu.requestAdapter = async () => null;
    const drawn = likeness(engine, { ...one, pose: one.pose.with(39, 0.1), pixels: one.reference });
    setTimeout(() => devices.at(-1).destroy(), 20);
    await drawn;
    return [engine.name, await likeness(engine, { ...one, pixels: one.reference }), notices];
  }, SMALL);
  assert.equal(name, 'wasm');
  assert.ok(like >= 80, `${like} dB`);
  assert.equal(said.length, 2, String(said));
  assert.equal(said[1], 'webgpu cannot be had here (the browser gives no graphics adapter); the engine is wasm.');
});

test('a driver that draws nonsense is found out, and the processor draws', async () => {
  const other = await openPage(browser, site.url, () => {
    const { createShaderModule } = GPUDevice.prototype;
    GPUDevice.prototype.createShaderModule = function create({ label, code }) {
      return createShaderModule.call(this, { label, code: code.replace('3.141582022151253', '2.0') });
    };
  });
  const [name, said] = await other.evaluate(async (file) => {
    const engine = await open_(file, { prefer: 'webgpu', precision: 'float32', workers: 1 });
    return [engine.name, notices];
  }, SMALL.file);
  assert.equal(name, 'wasm');
  assert.equal(said.length, 1);
  assert.match(said[0], /^webgpu cannot be had here \(the graphics card draws wrongly: its picture at rest is \d+ dB/);
  await other.context().close();
});

test('by itself it prefers the processor to a program that plays a graphics card', async () => {
  const other = await openPage(browser, site.url);
  const [name, said] = await other.evaluate(async (file) => {
    const engine = await open_(file, { workers: 1, precision: 'float32' });
    return [engine.name, notices];
  }, SMALL.file);
  assert.equal(name, 'wasm');
  assert.deepEqual(said.length, 1);
  assert.match(said[0], /only a program that plays one\); the engine is wasm\.$/);
});

test('nothing went wrong on the page meanwhile', () => {
  assert.deepEqual(page.problems, []);
});

/** How far what a person sees is from the picture over the page's green. */
async function worstPixel() {
  const shot = `data:image/png;base64,${(await page.screenshot()).toString('base64')}`;
  return page.evaluate((given) => seenDifference(...given), [SMALL, shot]);
}
