// Pictures of twice and four times the size by the graphics card, in a real browser with a program that plays one. That is
// slow, so pictures are small. CASES names a folder with characters and with what the reference engine draws of them, told
// in cases.json.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { openBrowser, openPage, openSite } from './browser.js';

const CASES = JSON.parse(readFileSync(join(process.env.CASES ?? '', 'cases.json'), 'utf8'));
const SHARP = CASES.find((one) => one.file === 'sharp.tha4' && one.scale === 2);
let browser;
let site;
let page;

before(async () => {
  [browser, site] = await Promise.all([openBrowser({ gpu: true }), openSite()]);
  page = await openPage(browser, site.url, () => {
    // How many groups are dispatched, by the name of their program; and so that a test can take the device away.
    const names = new WeakMap();
    const { requestDevice } = GPUAdapter.prototype;
    const { createComputePipelineAsync } = GPUDevice.prototype;
    const { setPipeline, dispatchWorkgroups } = GPUComputePassEncoder.prototype;
    globalThis.devices = [];
    globalThis.dispatched = {};
    GPUAdapter.prototype.requestDevice = async function request(...wishes) {
      const device = await requestDevice.apply(this, wishes);
      devices.push(device);
      return device;
    };
    GPUDevice.prototype.createComputePipelineAsync = async function create(wish) {
      const pipeline = await createComputePipelineAsync.call(this, wish);
      names.set(pipeline, wish.label);
      return pipeline;
    };
    let name = '';
    GPUComputePassEncoder.prototype.setPipeline = function set(pipeline) {
      name = names.get(pipeline);
      setPipeline.call(this, pipeline);
    };
    GPUComputePassEncoder.prototype.dispatchWorkgroups = function dispatch(...counts) {
      dispatched[name] = (dispatched[name] ?? 0) + counts.reduce((product, count) => product * count, 1);
      dispatchWorkgroups.apply(this, counts);
    };
  });
});
after(async () => {
  await browser.close();
  site.close();
});

for (const file of new Set(CASES.map((one) => one.file))) {
  const cases = CASES.filter((one) => one.file === file);
  for (const [precision, least] of Object.entries(cases[0].least)) {
    test(`${file} in ${precision} is the reference engine's picture at each scale`, async () => {
      const [name, likes, said] = await page.evaluate(
        async ([ones, wish]) => {
          notices.length = 0;
          const engine = await open_(ones[0].file, { prefer: 'webgpu', precision: wish });
          const found = [];
          for (const one of ones) {
            found.push(await likeness(engine, { ...one, pixels: one.reference }));
          }
          engine.close();
          return [engine.name, found, notices];
        },
        [cases, precision],
      );
      assert.equal(name, 'webgpu', String(said));
      assert.ok(likes.every((like) => like === null || like >= least), `${likes} dB`);
      assert.ok(said.every((notice) => notice.includes('which is enlarged')), String(said));
    });
  }
}

test('regions are parts of the same picture, pictures of other sizes in between change nothing', async () => {
  const rows = await page.evaluate(async (one) => {
    globalThis.engine = await open_(one.file, { prefer: 'webgpu', precision: 'float32' });
    const [x, y] = one.region;
    const found = [];
    for (const scale of [2, 4]) {
      const whole = await engine.render(one.pose, { region: one.region, scale });
      await engine.render(one.pose.with(12, 1).with(39, 0.5), { region: [x, y, 9, 9] });
      const part = await engine.render(one.pose, { region: [x + 9, y + 5, 20, 11], scale });
      for (let row = 0; row < part.height; row += 1) {
        const at = 4 * ((row + 5 * scale) * whole.width + 9 * scale);
        const wide = 4 * part.width;
        found.push(psnr(whole.data.subarray(at, at + wide), part.data.subarray(wide * row, wide * (row + 1))));
      }
    }
    return found;
  }, SHARP);
  assert.equal(rows.length, 66);
  assert.ok(rows.every((like) => like === Infinity), String(rows));
});

test('the networks\' work is that of a picture of the region and the pixels around it', async () => {
  const [larger, small] = await page.evaluate(async (one) => {
    const [x, y, width, height] = one.region;
    const counted = async (pose, view) => {
      globalThis.dispatched = {};
      await engine.render(pose, view);
      return dispatched;
    };
    await engine.render(one.pose, one);
    return [
      await counted(one.pose.with(39, 0.3), { region: one.region, scale: 2 }),
      await counted(one.pose, { region: [x - 1, y - 1, width + 2, height + 2] }),
    ];
  }, SHARP);
  const stages = (/** @type {Record<string, number>} */ of) => Object.entries(of).filter(([name]) => name.startsWith('stage'));
  const last = Object.keys(small).sort().at(-1);
  assert.equal(larger.answers, small[last]);
  assert.deepEqual(stages(larger), stages(small).filter(([name]) => name !== last));
  assert.equal(larger['larger face'], undefined, 'a face that has not changed is not painted again');
});

test('a canvas shows the larger picture; a lost device is made anew with the larger drawing', async () => {
  const size = await page.evaluate(async (one) => {
    globalThis.canvas = document.createElement('canvas');
    document.body.replaceChildren(canvas);
    document.body.style.background = 'rgb(0, 255, 0)';
    await engine.present(canvas, one.pose, one);
    return [canvas.width, canvas.height];
  }, SHARP);
  assert.deepEqual(size, [2 * SHARP.region[2], 2 * SHARP.region[3]]);
  const shot = `data:image/png;base64,${(await page.screenshot()).toString('base64')}`;
  const worst = await page.evaluate((given) => seenDifference(...given), [SHARP, shot]);
  assert.ok(worst <= 3, `off by ${worst}`);
  const [name, like] = await page.evaluate(async (one) => {
    devices.at(-1).destroy();
    await devices.at(-1).lost;
    return [engine.name, await likeness(engine, { ...one, pixels: one.reference })];
  }, SHARP);
  assert.equal(name, 'webgpu');
  assert.ok(like === null || like >= 80, `${like} dB`);
});

test('nothing went wrong on the page meanwhile', () => {
  assert.deepEqual(page.problems, []);
});
