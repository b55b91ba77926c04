/**
 * What a page has to say: one sentence at a time of each kind, read out by screen readers.
 */
export class Notices {
  #messages;
  #problems;
  /** @type {number | undefined} */
  #timer;

  /** @param {HTMLElement} place an element of the class "notices" */
  constructor(place) {
    // Both are there from the start: a live region is listened to only when it was there before its text.
    this.#messages = region('status');
    this.#problems = region('alert');
    place.append(this.#messages, this.#problems);
  }

  /**
   * Something went as it was wanted; gone after a while.
   *
   * @param {string} sentence
   */
  say(sentence) {
    clearTimeout(this.#timer);
    show(this.#messages, sentence, 'notice');
    this.#timer = setTimeout(() => this.#messages.replaceChildren(), 6000);
  }

  /**
   * Something did not: a sentence, or what was thrown. It stays until it is closed, or until clear().
   *
   * @param {unknown} problem
   */
  fail(problem) {
    show(this.#problems, problem instanceof Error ? problem.message : String(problem), 'notice problem');
  }

  /** Nothing is wrong any more. */
  clear() {
    this.#problems.replaceChildren();
  }
}

/** @param {string} role */
function region(role) {
  const element = document.createElement('div');
  element.setAttribute('role', role);
  return element;
}

/**
 * @param {HTMLElement} place
 * @param {string} sentence
 * @param {string} className
 */
function show(place, sentence, className) {
  const notice = document.createElement('div');
  notice.className = className;
  const text = document.createElement('span');
  text.textContent = sentence;
  const close = document.createElement('button');
  close.type = 'button';
  close.className = 'plain';
  close.textContent = '✕';
  close.setAttribute('aria-label', 'Close this message');
  close.addEventListener('click', () => notice.remove());
  notice.append(text, close);
  place.replaceChildren(notice);
}
