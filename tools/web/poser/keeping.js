/** What the visitor takes along and brings: pictures and videos, poses as JSON, links. */

import { element } from '../shared/elements.js';
import { poseFromJson, poseToFragment, poseToJson } from '../shared/pose_text.js';
import { Recording, fileName, pictureFile, saveFile } from './saving.js';

/** @typedef {import('../shared/pose_text.js').ReadPose} ReadPose */

/** Videos are as large as this, or as the next whole multiple of the picture. */
const VIDEO_EDGE = 768;

export class Keeping {
  #parts;
  /** @type {Recording | null} */
  #recording = null;

  /**
   * Lets the page's buttons do it.
   *
   * @param {object} parts
   * @param {import('../shared/stage.js').Stage} parts.stage
   * @param {import('../shared/backgrounds.js').Backgrounds} parts.backgrounds
   * @param {import('../shared/notices.js').Notices} parts.notices
   * @param {() => ArrayLike<number>} parts.pose what is copied
   * @param {(read: () => ReadPose) => void} parts.onTake a pose was brought; reading it throws what is wrong
   */
  constructor(parts) {
    this.#parts = parts;
    this.#onClick('save', () => this.#savePicture());
    this.#onClick('record', () => this.#record());
    this.#onClick('copy', () =>
      this.#copy(poseToJson(parts.pose()), 'The pose is copied; paste it into a file, or into your game.'),
    );
    this.#onClick('link', () => this.#copy(this.#link(), 'The link is copied.'));
    this.#setUpPasting();
  }

  /** Another picture is shown. */
  addPicture() {
    this.#recording?.add(this.#parts.stage.canvas, this.#parts.backgrounds.colour);
  }

  #setUpPasting() {
    const open = element('paste', HTMLButtonElement);
    const box = element('paste-box', HTMLFormElement);
    const text = element('pose-text', HTMLTextAreaElement);
    open.addEventListener('click', () => {
      box.hidden = !box.hidden;
      open.setAttribute('aria-expanded', String(!box.hidden));
      text.focus();
    });
    box.addEventListener('submit', (event) => {
      event.preventDefault();
      this.#parts.onTake(() => poseFromJson(text.value));
    });
  }

  #link() {
    const link = new URL(location.href);
    link.hash = poseToFragment(this.#parts.pose(), { view: this.#parts.stage.view });
    return link.href;
  }

  async #savePicture() {
    const { stage, backgrounds } = this.#parts;
    const picture = await stage.render();
    if (picture) {
      saveFile(await pictureFile(picture, backgrounds.colour), fileName(stage.character?.name ?? '', '.png'));
    }
  }

  /** Begins a video, or ends the one that has begun. */
  async #record() {
    const { stage } = this.#parts;
    const begun = this.#recording;
    this.#recording = null;
    if (!begun) {
      const [, , width, height] = stage.region;
      const zoom = Math.ceil(VIDEO_EDGE / width);
      this.#recording = new Recording(width * zoom, height * zoom, (bytes) => this.#showSize(bytes));
      this.addPicture();
    }
    const button = element('record', HTMLButtonElement);
    const runs = this.#recording !== null;
    button.textContent = runs ? 'Stop recording' : 'Record video';
    button.setAttribute('aria-pressed', String(runs));
    button.classList.toggle('recording', runs);
    if (begun) {
      saveFile(await begun.end(), fileName(stage.character?.name ?? '', begun.suffix));
    }
  }

  /** @param {number} bytes of the video that is being recorded */
  #showSize(bytes) {
    if (this.#recording) {
      element('record', HTMLButtonElement).textContent = `Stop recording (${Math.round(bytes / 1000)} kB)`;
    }
  }

  /**
   * @param {string} text
   * @param {string} done
   */
  async #copy(text, done) {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      throw new Error('the browser does not let this page copy; allow it in the address bar, and try again.');
    }
    this.#parts.notices.say(done);
  }

  /**
   * @param {string} id a button's
   * @param {() => Promise<void>} action
   */
  #onClick(id, action) {
    element(id, HTMLButtonElement).addEventListener('click', () => {
      action().catch((problem) => this.#parts.notices.fail(problem));
    });
  }
}
