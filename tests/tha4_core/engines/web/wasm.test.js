// The processor's ways to draw, in a real browser without a graphics card. CASES names a folder with characters and with
// what the native engine draws of them, told in cases.json.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { bandsOf } from '../../../../tha4_core/engines/web/wasm/bands.js';
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

const opened = (file, options) =>
  page.evaluate(
    async ([name, wishes]) => {
      globalThis.engine?.close();
      notices.length = 0;
      globalThis.engine = await open_(name, wishes);
      return { name: engine.name, detail: engine.detail, notices };
    },
    [file, options],
  );

test('float32 in workers is the native engine\'s portable picture, for networks of any shape', async () => {
  for (const { file, float32, region, pose } of CASES.filter((one) => one.float32)) {
    const { name, detail } = await opened(file, { prefer: 'wasm', precision: 'float32', workers: 2 });
    assert.deepEqual([name, detail], ['wasm', '2 workers, 32 bits']);
    const like = await page.evaluate((one) => likeness(engine, one), { pose, region, pixels: float32 });
    assert.ok(like >= 80, `${file}: ${like} dB`);
  }
});

test('16 bits are the native engine\'s, and 1, 2 and 4 workers draw the same bytes', async () => {
  const { file, fixed16, region, pose } = CASES.find((one) => one.fixed16);
  const sums = [];
  for (const workers of [1, 2, 4]) {
    const { detail } = await opened(file, { prefer: 'wasm', workers });
    assert.equal(detail, `${workers} worker${workers === 1 ? '' : 's'}, 16 bits`);
    const like = await page.evaluate((one) => likeness(engine, one), { pose, region, pixels: fixed16 });
    assert.ok(like >= 55, `${like} dB`);
    sums.push(await page.evaluate(async (one) => sum((await engine.render(one.pose, one)).data), { pose, region }));
  }
  assert.deepEqual(new Set(sums).size, 1);
  const parts = await page.evaluate(
    async (one) => {
      const [x, y, width, height] = one.region;
      const whole = (await engine.render(one.pose, one)).data;
      const part = (await engine.render(one.pose, { region: [x + 9, y + 5, 20, 11] })).data;
      return Array.from({ length: 11 }, (_, row) => {
        const at = 4 * ((row + 5) * width + 9);
        return psnr(whole.subarray(at, at + 80), part.subarray(80 * row, 80 * row + 80));
      });
    },
    { pose, region },
  );
  assert.ok(parts.every((like) => like === Infinity), String(parts));
});

test('a smaller scale is what the bridge makes of the same picture', async () => {
  const { file, pose, region, half } = CASES.find((one) => one.half);
  await opened(file, { prefer: 'wasm', precision: 'float32', workers: 1 });
  const [width, like] = await page.evaluate(
    async (one) => {
      const picture = await engine.render(one.pose, { region: one.region, scale: 0.5 });
      const wanted = new Uint8Array(await (await fetch(`/cases/${one.half}`)).arrayBuffer());
      return [picture.width, psnr(picture.data, wanted)];
    },
    { pose, region, half },
  );
  assert.equal(width, region[2] / 2);
  assert.ok(like === null || like >= 50, `${like} dB`);
});

test('it shows the picture on a canvas, in a page\'s colours', async () => {
  const { file, pose, region } = CASES.find((one) => one.half);
  await opened(file, { prefer: 'wasm', precision: 'float32', workers: 1 });
  const [took, size] = await page.evaluate(
    async (one) => {
      const canvas = document.createElement('canvas');
      document.body.replaceChildren(canvas);
      document.body.style.background = 'rgb(0, 255, 0)';
      const { milliseconds } = await engine.present(canvas, one.pose, one);
      return [milliseconds, [canvas.width, canvas.height]];
    },
    { pose, region },
  );
  assert.ok(took > 0);
  assert.deepEqual(size, region.slice(2));
  const shot = `data:image/png;base64,${(await page.screenshot()).toString('base64')}`;
  const worst = await page.evaluate((given) => seenDifference(...given), [{ pose, region }, shot]);
  assert.ok(worst <= 3, `off by ${worst}`);
});

test('bands cover a region without gaps, each with its share of what can be seen', () => {
  const masks = new Uint8Array(64 * 128).map((_, tile) => (tile >= 64 * 40 && tile < 64 * 60 ? 2 : 0));
  for (const count of [1, 2, 3, 4, 16]) {
    for (const region of [[0, 0, 512, 512], [3, 7, 100, 9], [10, 2, 5, 1], [160, 48, 192, 192]]) {
      const bands = bandsOf(region, count, masks, 1);
      assert.ok(bands.length >= 1 && bands.length <= count);
      let row = region[1];
      for (const [x, y, width, height] of bands) {
        assert.deepEqual([x, y, width, height > 0], [region[0], row, region[2], true]);
        row += height;
      }
      assert.equal(row, region[1] + region[3]);
    }
  }
  const [upper, lower] = bandsOf([0, 0, 512, 512], 2, masks, 1);
  assert.ok(Math.abs(upper[3] - 200) <= 8 && lower[1] === upper[3], String(upper));
});

test('what cannot be drawn is refused in one sentence, and the engine goes on', async () => {
  await opened(CASES.find((one) => one.half).file, { prefer: 'wasm-main', precision: 'float32' });
  const rest = Array(45).fill(0);
  const sentences = await page.evaluate(async (pose) => {
    const wrong = [
      () => engine.render(pose.slice(1)),
      () => engine.render(pose, { region: [0, 0, 513, 1] }),
      () => engine.render(pose, { region: [0, 0, 1.5, 1] }),
      () => engine.render(pose, { scale: 3 }),
      () => engine.render(pose, { scale: 0 }),
      () => engine.render(pose.with(3, NaN)),
      () => open_('nobody.tha4', {}),
      () => open_('small.tha4', { prefer: 'magic' }),
      () => open_('small.tha4', { precision: 'float16' }),
      () => open_('small.tha4', { workers: 0 }),
    ];
    const said = await Promise.all(wrong.map((call) => call().then(() => 'done', (error) => [error.name, error.message])));
    const drawn = await engine.render(pose, { region: [250, 250, 8, 8] });
    return [...said, drawn.data.length];
  }, rest);
  assert.equal(sentences.pop(), 256);
  for (const [name, sentence] of sentences) {
    assert.match(name, /^(User|Pose|Engine|Character)Error$/);
    assert.match(sentence, /^[^\n]+\.$/);
  }
});

test('a closed engine draws no more', async () => {
  await opened(CASES.find((one) => one.half).file, { prefer: 'wasm', workers: 2, precision: 'float32' });
  const said = await page.evaluate(async () => {
    engine.close();
    return engine.render(Array(45).fill(0)).then(() => 'done', (error) => error.message);
  });
  assert.equal(said, 'the engine was closed; create another one.');
});

for (const [what, hinder, wish, expected, words] of [
  ['no workers', () => delete window.Worker, {}, 'wasm-main', 'wasm cannot be had here (this browser has no workers)'],
  ['no graphics adapter', () => {}, { workers: 1 }, 'wasm', 'webgpu cannot be had here'],
  [
    'workers that a page may not start',
    () => {
      window.Worker = class {
        constructor() {
          throw new DOMException('no', 'SecurityError');
        }
      };
    },
    { prefer: 'wasm' },
    'wasm-main',
    'wasm cannot be had here (this page may not start workers',
  ],
  [
    'workers that do not load',
    () => {
      const { Worker } = window;
      window.Worker = class extends Worker {
        constructor(url, options) {
          super(`${url}.gone`, options);
        }
      };
    },
    { prefer: 'wasm' },
    'wasm-main',
    'wasm cannot be had here (a worker could not be started, or ended)',
  ],
]) {
  test(`with ${what} it goes on with ${expected}, and says so once`, async () => {
    const other = await openPage(browser, site.url, hinder);
    const [name, notices, like] = await other.evaluate(
      async ([one, options]) => {
        const engine = await open_(one.file, { precision: 'float32', ...options });
        return [engine.name, notices, await likeness(engine, { ...one, pixels: one.float32 })];
      },
      [CASES.find((one) => one.half), wish],
    );
    assert.equal(name, expected);
    const about = notices.filter((notice) => notice.startsWith(words));
    assert.deepEqual(about.length, 1, String(notices));
    assert.ok(notices.every((notice) => /^[^\n]+\.$/.test(notice)));
    assert.ok(like === null || like >= 80);
    await other.context().close();
  });
}

test('a worker that dies while it draws is replaced by the page\'s own thread', async () => {
  const other = await openPage(browser, site.url, () => {
    const { postMessage } = Worker.prototype;
    Worker.prototype.postMessage = function post(message, ...rest) {
      if (message.pose) {
        this.dispatchEvent(new ErrorEvent('error', { cancelable: true }));
      } else {
        postMessage.call(this, message, ...rest);
      }
    };
  });
  const [names, notices, like] = await other.evaluate(async (one) => {
    const engine = await open_(one.file, { precision: 'float32', prefer: 'wasm', workers: 2 });
    const first = engine.name;
    const found = await likeness(engine, { ...one, pixels: one.float32 });
    return [[first, engine.name], notices, found];
  }, CASES.find((one) => one.half));
  assert.deepEqual(names, ['wasm', 'wasm-main']);
  assert.equal(notices.filter((notice) => notice.startsWith('wasm failed')).length, 1);
  assert.ok(like === null || like >= 80);
});

test('when every way fails it says so for each picture', async () => {
  const other = await openPage(browser, site.url, () => delete window.Worker);
  const [name, sentences] = await other.evaluate(async (one) => {
    const engine = await open_(one.file, { precision: 'float32' });
    WebAssembly.instantiate = async () => {
      throw new Error('no');
    };
    Float32Array.prototype.set = () => {
      throw new Error('no');
    };
    const said = [];
    for (let index = 0; index < 2; index += 1) {
      said.push(await engine.render(one.pose, one).then(() => 'drawn', (error) => error.message));
    }
    return [engine.name, said];
  }, CASES.find((one) => one.half));
  assert.equal(name, 'wasm-main');
  assert.match(sentences[0], /^this browser has no way to draw characters: [^\n]+\.$/);
  assert.equal(sentences[1], sentences[0]);
  assert.deepEqual(other.problems, []);
});

test('without SIMD there is no engine, and one sentence says so', async () => {
  const other = await openPage(browser, site.url, () => {
    WebAssembly.validate = () => false;
  });
  const [sentence, notices] = await other.evaluate(async (file) => {
    const said = await open_(file, { prefer: 'wasm' }).then(() => 'drawn', (error) => error.message);
    return [said, notices];
  }, CASES[0].file);
  assert.match(sentence, /^this browser has no way to draw characters: [^\n]+\.$/);
  assert.ok(notices.some((notice) => notice.includes('its WebAssembly has no SIMD')), String(notices));
});

test('nothing went wrong on the page meanwhile', () => {
  assert.deepEqual(page.problems.filter((problem) => !problem.includes('404')), []);
});
