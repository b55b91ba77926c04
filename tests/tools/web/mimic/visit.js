// A visitor of the mimic page in a real Chromium, whose camera shows a scene of fake_camera.py.
import { copyFile, open, readFile } from 'node:fs/promises';
import path from 'node:path';

import { openBrowser } from '../browser.js';

export const FOLDER = process.env.FOLDER ?? '';
/** A character with tiny networks: it is drawn in a few milliseconds, and leaves the processor to the face model. */
const ADDRESS = 'mimic/?character=../characters/small.tha4&engine=wasm';
/** What the camera sees at present. */
const FILM = path.join(FOLDER, 'film.y4m');
const FLAGS = [
  '--enable-unsafe-swiftshader',
  '--use-fake-device-for-media-stream',
  `--use-file-for-fake-video-capture=${FILM}`,
  `--use-file-for-fake-audio-capture=${process.env.VOICE}`,
];
/** What face models say of themselves as they start and work. */
export const CHATTER = /^[IW]\d{4} |^INFO: |GL Driver Message/;
/** A face model without a graphics card on a busy machine is slow. */
const PATIENCE = 120_000;

export class Visit {
  /**
   * @param {Awaited<ReturnType<typeof openBrowser>>} browser
   * @param {import('playwright-core').Page} page
   */
  constructor(browser, page) {
    this.browser = browser;
    this.page = page;
    page.setDefaultTimeout(PATIENCE);
  }

  static async begin() {
    await copyFile(path.join(FOLDER, 'rest.y4m'), FILM);
    const browser = await openBrowser(FLAGS);
    // A small page leaves the processor to the face model.
    return new Visit(browser, await browser.open({ viewport: { width: 480, height: 480 } }));
  }

  end() {
    return this.browser.close();
  }

  /** Loads the page, and waits until the character is alive, moved by nothing, and its pose told. */
  async open() {
    await this.page.goto(`${this.browser.site}${ADDRESS}`);
    await this.until(`document.getElementById('engine').textContent.startsWith('WebAssembly')`);
    await this.page.locator('#life').uncheck();
    await this.page.locator('#now summary').click();
    await this.untilSaid('pose', '{}');
  }

  /** @param {string[]} permissions */
  allow(permissions) {
    return this.page.context().grantPermissions(permissions, { origin: new URL(this.browser.site).origin });
  }

  /** Waits for something. @param {string} condition */
  until(condition) {
    return this.page.waitForFunction(condition);
  }

  /** Waits for a sentence. @param {string} id where @param {string} text */
  untilSaid(id, text) {
    return this.until(`document.getElementById('${id}').textContent.includes(${JSON.stringify(text)})`);
  }

  /**
   * Waits until something holds of the pose, as the page tells it; gives the pose.
   *
   * @param {string} condition of `pose`
   * @returns {Promise<Record<string, number>>}
   */
  async posed(condition) {
    const shown = await this.until(`(() => {
      const pose = JSON.parse(document.getElementById('pose').textContent || '{}');
      return (${condition}) && pose;
    })()`);
    return /** @type {Record<string, number>} */ (await shown.jsonValue());
  }

  /** Lets the camera see another scene. @param {string} scene */
  async show(scene) {
    // In its place: the camera has the file open, and reads it again for each frame.
    const film = await open(FILM, 'r+');
    await film.write(await readFile(path.join(FOLDER, `${scene}.y4m`)));
    await film.close();
  }
}
