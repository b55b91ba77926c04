// A page that plays Godot's part: what the addon's picture source asks of it, asked of the real engine.
import assert from 'node:assert/strict';
import {readFile} from 'node:fs/promises';
import test, {after, before} from 'node:test';

import {openBrowser} from '../tools/web/browser.js';

/** The texts that Godot has evaluated, in its order: loading twice, open, then of three pictures ask, poll and take. */
const ASKED = JSON.parse(await readFile(process.env.ASKED ?? '', 'utf8'));
const LOAD = ASKED[0];
/** @param {string} name */
const codes = (name) => ASKED.filter((/** @type {string} */ text) => text.startsWith(`animeCharacters.${name}(`));

/** @type {Awaited<ReturnType<typeof openBrowser>>} */
let browser;
/** @type {import('playwright-core').Page} */
let page;

before(async () => {
  browser = await openBrowser();
  page = await browser.open({bypassCSP: true});
  await page.goto(`${browser.site}game/`);
});
after(() => browser.close());

/** What JavaScriptBridge.eval does: in the global scope, at once. @param {string} code @returns {Promise<any>} */
const evaluate = (code) =>
  page.evaluate((text) => {
    const value = (0, eval)(text);
    return ArrayBuffer.isView(value) ? Array.from(/** @type {Uint8Array} */ (value)) : value;
  }, code);

/**
 * Asks once a frame, as Godot does, until the answer is the one that is waited for.
 *
 * @param {string} code
 * @param {(answer: any) => boolean} isWanted
 */
async function poll(code, isWanted) {
  for (let frame = 0; frame < 2000; frame++) {
    const answer = await evaluate(code);
    if (isWanted(answer)) {
      return answer;
    }
    await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(resolve)));
  }
  return assert.fail(`no such answer to ${code}`);
}

test('the texts that Godot evaluates load the module, open the character, and bring its picture', async () => {
  await poll(LOAD, (answer) => answer === 'ready');
  const id = await evaluate(codes('open')[0]);
  assert.equal(id, 1);
  // Godot was told another number by its stand-in.
  const asYours = (/** @type {string} */ code) => code.replace('[7', `[${id}`);
  const [state] = codes('poll').map(asYours);
  const opened = JSON.parse(await poll(state, (answer) => JSON.parse(answer).engine !== ''));
  assert.deepEqual(Object.keys(opened), ['engine', 'problem', 'done', 'milliseconds', 'larger'], "the stand-in's, too");
  assert.equal(opened.problem, '');
  assert.equal(await evaluate(asYours(codes('ask')[0])), undefined);
  const drawn = JSON.parse(await poll(state, (answer) => JSON.parse(answer).done === 1));
  assert.ok(drawn.milliseconds > 0);
  const pixels = await evaluate(asYours(codes('take')[0]));
  assert.equal(pixels.length, 32 * 24 * 4);

  assert.equal(await evaluate(asYours(codes('readLarger')[0])), undefined);
  await poll(state, (answer) => JSON.parse(answer).larger);
  for (const code of codes('ask').slice(1)) {
    await evaluate(asYours(code));
    await poll(state, (answer) => JSON.parse(answer).done === 2);
  }
  const larger = await evaluate(asYours(codes('take')[0]));
  assert.equal(larger.length, 128 * 96 * 4);

  const expected = await page.evaluate(async (code) => {
    const {createEngine, poseFromNames, readCharacter} = await import(
      new URL('anime_character/index.js', document.baseURI).href
    );
    const file = Uint8Array.from(atob(JSON.parse(code.slice(code.indexOf('['), -1))[0]), (letter) => letter.charCodeAt(0));
    const engine = await createEngine(await readCharacter(file));
    const pose = poseFromNames({eye_wink_left: 0.75, head_y: -0.5});
    const pictures = [];
    for (const scale of [0.5, 2]) {
      pictures.push(Array.from((await engine.render(pose, {region: [200, 100, 64, 48], scale})).data));
    }
    engine.close();
    return pictures;
  }, codes('open')[0]);
  assert.deepEqual([pixels, larger], expected);
  await evaluate(asYours(codes('close')[0]));
});

test('a file that is no character is a problem', async () => {
  const id = await evaluate('animeCharacters.open(...["AAAA"])');
  const answer = await poll(`animeCharacters.poll(...[${id}])`, (text) => JSON.parse(text).problem !== '');
  assert.match(JSON.parse(answer).problem, /^the file .*\.$/);
});

test('a page without the module says so', async () => {
  await page.goto(`${browser.site}game/anime_character/index.js`);
  assert.match(await poll(LOAD, (answer) => answer !== ''), /Failed to fetch dynamically imported module/);
  browser.expectProblem(/404/);
});

test('nothing else went wrong, and no other host was asked', () => {
  // The engine looks for a graphics card first.
  browser.ignoreProblem(/No available adapters/);
  browser.check();
});
