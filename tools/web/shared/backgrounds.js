/** What lies behind the character: on the page, in saved pictures, in videos. */

const OWN = 'own';

export class Backgrounds {
  #stage;
  #choice;
  #colour;

  /**
   * @param {HTMLElement} stage what is coloured
   * @param {HTMLSelectElement} choice
   * @param {HTMLInputElement} colour the visitor's own
   */
  constructor(stage, choice, colour) {
    this.#stage = stage;
    this.#choice = choice;
    this.#colour = colour;
    choice.addEventListener('change', () => this.#show());
    colour.addEventListener('input', () => this.#show());
    this.#show();
  }

  /** As CSS has it; null: none, the character alone. */
  get colour() {
    switch (this.#choice.value) {
      case 'transparent':
        return null;
      case 'page':
        return getComputedStyle(document.body.parentElement ?? document.body).backgroundColor;
      case OWN:
        return this.#colour.value;
      default:
        return this.#choice.value;
    }
  }

  #show() {
    const { value } = this.#choice;
    this.#colour.hidden = value !== OWN;
    this.#stage.dataset.background = value;
    this.#stage.style.backgroundColor = value === 'page' || value === 'transparent' ? '' : (this.colour ?? '');
  }
}
