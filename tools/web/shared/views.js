/** The buttons for head and whole body. */

/** @typedef {import('./stage.js').View} View */

/**
 * Lets a page's buttons with `data-view` choose what of a character is seen; gives what chooses without them.
 *
 * @param {import('./stage.js').Stage} stage
 * @returns {(view: View) => void}
 */
export function setUpViews(stage) {
  /** @type {NodeListOf<HTMLButtonElement>} */
  const buttons = document.querySelectorAll('button[data-view]');
  /** @param {View} view */
  const choose = (view) => {
    stage.view = view;
    for (const button of buttons) {
      button.setAttribute('aria-pressed', String(button.dataset.view === view));
    }
  };
  for (const button of buttons) {
    button.addEventListener('click', () => choose(button.dataset.view === 'full' ? 'full' : 'head'));
  }
  return choose;
}
