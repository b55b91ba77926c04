// The mimic page in a real Chromium, whose camera shows the scenes of fake_camera.py, and whose microphone its voice.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import test, { after, before } from 'node:test';

import { seriousFaults } from '../axe.js';
import { CHATTER, FOLDER, Visit } from './visit.js';

/** @type {Visit} */
let visit;
/** @type {Visit['page']} */
let page;

before(async () => {
  visit = await Visit.begin();
  page = visit.page;
  await visit.allow(['camera', 'microphone', 'clipboard-read', 'clipboard-write']);
  await page.addInitScript(() => {
    const seen = /** @type {any} */ (window);
    const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
    seen.opened = [];
    navigator.mediaDevices.getUserMedia = (/** @type {any} */ wanted) => {
      seen.opened.push(Object.keys(wanted).join());
      return open(wanted);
    };
  });
});
after(() => visit.end());

/** What the page asked for: cameras and microphones. */
const opened = () => page.evaluate(() => /** @type {any} */ (window).opened);

/** Waits for something. @param {string} condition */
const until = (condition) => visit.until(condition);
/** Waits for a sentence. @param {string} id where @param {string} text */
const untilSaid = (id, text) => visit.untilSaid(id, text);
/** Waits until something holds of the pose; gives it. @param {string} condition of `pose` */
const posed = (condition) => visit.posed(condition);
/** Lets the camera see another scene. @param {string} scene */
const show = (scene) => visit.show(scene);

/** The bytes of the character's picture. */
const picture = () =>
  page.evaluate(() => {
    const shown = /** @type {HTMLCanvasElement} */ (document.querySelector('#stage canvas'));
    const copy = new OffscreenCanvas(shown.width, shown.height);
    const context = /** @type {OffscreenCanvasRenderingContext2D} */ (copy.getContext('2d'));
    context.drawImage(shown, 0, 0);
    return Array.from(context.getImageData(0, 0, copy.width, copy.height).data);
  });

/** How many bytes of two pictures differ by more than a little. @param {number[]} one @param {number[]} other */
const differing = (one, other) => one.filter((byte, place) => Math.abs(byte - other[place]) > 8).length;

/** @type {number[]} */
let atRest;

test('a character is there; no camera is asked for, and no face model fetched', async () => {
  /** @type {string[]} */
  const asked = [];
  page.on('request', (request) => asked.push(request.url()));
  await visit.open();
  assert.match(await page.locator('#camera-title + p').innerText(), /^Nothing leaves this machine\./);
  assert.deepEqual(await opened(), []);
  assert.ok(!asked.some((address) => address.includes('/models/')));
  atRest = await picture();
});

test('a voice moves the mouth without a camera, and its end gives it back', async () => {
  await page.locator('#listen').click();
  await until(`JSON.parse(document.getElementById('pose').textContent).mouth_aaa > 0.5`);
  await page.locator('#listen').click();
  await untilSaid('pose', '{}');
  assert.deepEqual(await opened(), ['audio']);
});

test('a face model that is not there is one sentence, and the camera is let go', async () => {
  const list = '**/data/models.json';
  await page.route(list, (route) => route.fulfill({ json: [] }));
  await page.locator('#start').click();
  await untilSaid('notices', 'run "python3 tools/web.py --face-mesh" once');
  assert.ok(await page.locator('#stop').isDisabled());
  await page.unroute(list);
  // What it has is asked for once; the visitor loads the page again, too.
  await visit.open();
});

test('a face is found and calibrated', async () => {
  await page.locator('#start').click();
  await posed('Object.keys(pose).length > 0');
  assert.equal(await page.locator('#saying').textContent(), '');
  await page.locator('#calibrate').click();
  await untilSaid('notices', 'Calibrated.');
  // The astronaut's smile, and how she holds her head, are at rest now.
  await posed('Object.values(pose).every((value) => Math.abs(value) < 0.3)');
  await page.locator('#show-points').check();
});

test('the character follows a head that leans and turns, as a mirror does', async () => {
  await show('aside');
  // To its own left, which is the viewer's in a mirror.
  const pose = await posed('pose.neck_z > 0.6 && pose.head_y > 0.15');
  assert.equal(pose.body_z, pose.neck_z);
  assert.ok(!(pose.mouth_aaa > 0.15), JSON.stringify(pose));
  assert.ok(differing(await picture(), atRest) > atRest.length / 100, 'and so does its picture');
  await page.locator('#mirror').uncheck();
  await posed('pose.neck_z < -0.6 && pose.head_y < -0.15');
  await page.locator('#mirror').check();
});

test('a mouth that opens opens the mouth', async () => {
  await show('open');
  const pose = await posed('pose.mouth_aaa > 0.2 && Math.abs(pose.neck_z ?? 0) < 0.3');
  assert.ok(pose.mouth_aaa > (pose.mouth_uuu ?? 0));
  assert.ok(differing(await picture(), atRest) > 0);
});

test('nobody is said, and lets the character rest; so are two faces', async () => {
  await show('nobody');
  await untilSaid('saying', 'No face is found');
  await untilSaid('pose', '{}');
  await show('two');
  await untilSaid('saying', 'More than one face is found');
  await show('rest');
  await until(`document.getElementById('saying').textContent === ''`);
});

test('a camera that goes is said, and the character goes back to rest', async () => {
  await page.evaluate(() => {
    const video = /** @type {HTMLVideoElement} */ (document.getElementById('video'));
    /** @type {MediaStream} */ (video.srcObject).getVideoTracks()[0].dispatchEvent(new Event('ended'));
  });
  await untilSaid('notices', 'The camera is gone');
  await untilSaid('pose', '{}');
  assert.ok(await page.locator('#stop').isDisabled());
});

for (const [width, height] of [
  [1440, 900],
  [390, 844],
]) {
  test(`nobody is shut out at ${width} px`, async () => {
    await page.setViewportSize({ width, height });
    await page.locator('#preview-box').evaluate((box) => (box.hidden = false));
    const wide = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(wide <= width, `${wide} px wide`);
    assert.deepEqual(await seriousFaults(page), []);
    await writeFile(path.join(FOLDER, `${width}.png`), await page.screenshot({ fullPage: true }));
  });
}

test('a recorded video is followed as the camera is; what is none, and a camera that is refused, are said', async () => {
  const buffer = Buffer.from('no video');
  await page.locator('#film').setInputFiles({ name: 'no.webm', mimeType: 'video/webm', buffer });
  await untilSaid('notices', 'no.webm cannot be played');
  const recorded = await page.evaluate(async () => {
    const stream = await navigator.mediaDevices.getUserMedia({ video: true });
    const recorder = new MediaRecorder(stream, { mimeType: 'video/webm;codecs=vp8' });
    const data = new Promise((resolve) => (recorder.ondataavailable = (event) => resolve(event.data)));
    recorder.start();
    setTimeout(() => recorder.stop(), 1000);
    const bytes = await /** @type {Blob} */ (await data).arrayBuffer();
    stream.getTracks().forEach((track) => track.stop());
    return Array.from(new Uint8Array(bytes));
  });
  const film = { name: 'me.webm', mimeType: 'video/webm', buffer: Buffer.from(recorded) };
  await page.locator('#film').setInputFiles(film);
  await until(`document.getElementById('pose').textContent !== '{}'`);
  await page.locator('#stop').click();
  await untilSaid('pose', '{}');

  await page.context().clearPermissions();
  await page.locator('#start').click();
  await untilSaid('notices', 'The camera was refused: allow it');
});

test('the policy lets the page ask no other host; none was asked, and nothing else went wrong', async () => {
  const refused = page.evaluate(() => {
    const violated = new Promise((resolve) => addEventListener('securitypolicyviolation', resolve, { once: true }));
    return Promise.all([violated, fetch('https://example.org/').catch(() => 'refused')]);
  });
  assert.equal((await refused)[1], 'refused');
  visit.browser.expectProblem(/Content Security Policy|example\.org/);

  visit.browser.expectProblem(CHATTER);
  visit.browser.check();
});
