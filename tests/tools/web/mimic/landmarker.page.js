// The mimic page with a face landmarker of the visitor's, in a real Chromium; fake_camera.py's scenes are its camera.
import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';

import { CHATTER, Visit } from './visit.js';

/** @type {Visit} */
let visit;
/** @type {Visit['page']} */
let page;

before(async () => {
  visit = await Visit.begin();
  page = visit.page;
  await visit.allow(['camera']);
  await visit.open();
});
after(() => visit.end());

test('a file that is no face landmarker is one sentence', async () => {
  await page.evaluate(() => {
    const data = new DataTransfer();
    data.items.add(new File(['<!doctype html>'], 'mine.task'));
    dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }));
  });
  await visit.untilSaid('notices', 'mine.task is no face landmarker: it is damaged or cut short; give Google');
});

test("by a face landmarker's blendshapes a face is found and calibrated", async () => {
  await page.locator('#model-file').setInputFiles(process.env.LANDMARKER ?? '');
  await visit.untilSaid('model', 'By the blendshapes of face_landmarker.task.');
  await page.locator('#start').click();
  // She smiles, which a typical face does not.
  await visit.posed('pose.mouth_raised_corner > 0.5');
  await page.locator('#calibrate').click();
  await visit.untilSaid('notices', 'Calibrated.');
  await visit.posed('Object.values(pose).every((value) => Math.abs(value) < 0.3)');
});

test('the character follows a head that leans and turns, and a mouth that opens', async () => {
  await visit.show('aside');
  await visit.posed('pose.neck_z > 0.6 && pose.head_y > 0.15');
  await visit.show('open');
  await visit.posed('pose.mouth_iii + pose.mouth_aaa > 0.3 && Math.abs(pose.neck_z ?? 0) < 0.3');
  await visit.show('two');
  await visit.untilSaid('saying', 'More than one face is found');
});

test('what finds faces works beside the page, and may ask no other host', async () => {
  const [worker] = page.workers().filter((one) => one.url().startsWith('blob:'));
  assert.ok(worker);
  const violated = await worker.evaluate(() => {
    const told = new Promise((resolve) =>
      addEventListener('securitypolicyviolation', (event) => resolve(event.effectiveDirective), { once: true }),
    );
    return fetch('https://example.org/').then(() => 'nothing', () => told);
  });
  assert.equal(violated, 'connect-src');
  // Where it is told of differs by browser.
  visit.browser.ignoreProblem(/Content Security Policy|example\.org/);
  visit.browser.ignoreProblem(CHATTER);
  visit.browser.check();
});
