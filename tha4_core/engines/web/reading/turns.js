// Work on a page's own thread that leaves it its turns.

/** So long one piece of it takes, in milliseconds: half of what there is for a picture at 60 a second. */
const LONGEST = 8;

export class Turns {
  #begun = performance.now();

  /** Between two pieces of work: lets the page have its turn when it has waited for long. */
  async leave() {
    if (performance.now() - this.#begun > LONGEST) {
      await new Promise((resolve) => setTimeout(resolve));
      this.#begun = performance.now();
    }
  }
}
