/** Who is shown: the built-in characters, whom the address names, and what is opened, dropped or pasted. */

import { BUILT_IN, characterAddress, droppedFiles, fetchCharacter, readFiles } from './characters.js';
import { element } from './elements.js';

/** @typedef {import('./characters.js').Character} Character */

export class Choosing {
  #place;
  #notices;
  #show;
  #isTaken;
  /** @type {HTMLButtonElement[]} */
  #buttons = [];

  /**
   * On a page with the elements `characters` (where the buttons stand), `file` (what opens files) and `drop` (what is
   * seen while something is dragged over the page).
   *
   * @param {import('./notices.js').Notices} notices
   * @param {(character: Character) => Promise<void>} show shows somebody; throws what is wrong
   * @param {(files: readonly File[]) => boolean} [isTaken] takes dropped files that are something else; whether they are
   */
  constructor(notices, show, isTaken = () => false) {
    const place = element('characters', HTMLElement);
    const file = element('file', HTMLInputElement);
    this.#place = place;
    this.#notices = notices;
    this.#show = show;
    this.#isTaken = isTaken;
    for (const name of BUILT_IN) {
      this.#add(name[0].toUpperCase() + name.slice(1).replace('_', ', '), name, () => this.#choose(name));
    }
    const open = button('Open file …');
    open.addEventListener('click', () => file.click());
    place.append(open);
    file.addEventListener('change', () => {
      void this.take(() => readFiles(Array.from(file.files ?? [])));
      file.value = '';
    });
    this.#listenToDrops(element('drop', HTMLElement));
  }

  /** Shows whom the address names, or the first of ours. */
  async start() {
    const wanted = new URLSearchParams(location.search).get('character');
    if (wanted === null || BUILT_IN.includes(wanted)) {
      await this.#choose(wanted ?? BUILT_IN[0]);
      return;
    }
    try {
      const character = await fetchCharacter(characterAddress(wanted, location.href));
      await this.take(async () => character);
    } catch (problem) {
      this.#notices.fail(problem);
      // What was wrong stands on the page, and stays there.
      await this.#fetch(BUILT_IN[0], () => {});
    }
  }

  /**
   * Shows somebody else, and keeps them among the buttons. False when that did not work.
   *
   * @param {() => Promise<Character>} read
   */
  take(read) {
    return this.#try(async () => {
      const character = await read();
      await this.#show(character);
      const again = () => void this.#try(() => this.#show(character), added);
      const added = this.#add(character.name || 'Yours', '', again);
      this.#press(added);
    });
  }

  /** @param {string} name one of BUILT_IN */
  async #choose(name) {
    if (await this.#fetch(name)) {
      const address = new URL(location.href);
      if (name === BUILT_IN[0]) {
        address.searchParams.delete('character');
      } else {
        address.searchParams.set('character', name);
      }
      history.replaceState(null, '', address);
    }
  }

  /**
   * @param {string} name one of BUILT_IN
   * @param {() => void} [onBegin]
   */
  #fetch(name, onBegin) {
    const chosen = this.#buttons.find((one) => one.dataset.character === name);
    const show = async () => this.#show(await fetchCharacter(characterAddress(name, location.href)));
    return this.#try(show, chosen, onBegin);
  }

  /**
   * Does something that may fail; then all is as before. Whether it worked.
   *
   * @param {() => Promise<void>} show
   * @param {HTMLButtonElement} [chosen] whose button is pressed
   * @param {() => void} [onBegin]
   */
  async #try(show, chosen, onBegin = () => this.#notices.clear()) {
    onBegin();
    const before = this.#buttons.find((one) => one.getAttribute('aria-pressed') === 'true');
    if (chosen) {
      this.#press(chosen);
    }
    try {
      await show();
      return true;
    } catch (error) {
      this.#press(before);
      this.#notices.fail(error);
      return false;
    }
  }

  /** @param {HTMLButtonElement} [chosen] */
  #press(chosen) {
    for (const one of this.#buttons) {
      one.setAttribute('aria-pressed', String(one === chosen));
    }
  }

  /**
   * @param {string} label
   * @param {string} name
   * @param {() => void} onClick
   */
  #add(label, name, onClick) {
    const added = button(label);
    added.dataset.character = name;
    added.setAttribute('aria-pressed', 'false');
    added.addEventListener('click', onClick);
    this.#place.insertBefore(added, this.#place.children[this.#buttons.length] ?? null);
    this.#buttons.push(added);
    return added;
  }

  /** @param {HTMLElement} drop */
  #listenToDrops(drop) {
    const bringsFiles = (/** @type {DragEvent} */ event) => event.dataTransfer?.types.includes('Files') ?? false;
    addEventListener('dragover', (event) => {
      if (bringsFiles(event)) {
        event.preventDefault();
        drop.hidden = false;
      }
    });
    addEventListener('dragleave', (event) => {
      if (event.relatedTarget === null) {
        drop.hidden = true;
      }
    });
    addEventListener('drop', (event) => {
      drop.hidden = true;
      if (bringsFiles(event) && event.dataTransfer) {
        event.preventDefault();
        void this.#takeDropped(droppedFiles(event.dataTransfer));
      }
    });
  }

  /** @param {Promise<File[]>} dropped */
  async #takeDropped(dropped) {
    const isOther = await dropped.then(this.#isTaken, () => false);
    if (!isOther) {
      await this.take(async () => readFiles(await dropped));
    }
  }
}

/** @param {string} label */
function button(label) {
  const made = document.createElement('button');
  made.type = 'button';
  made.textContent = label;
  return made;
}
