/**
 * What a person is told when something cannot be done: one sentence that says what, where and what to do.
 */
export class UserError extends Error {
  /** @param {string} sentence */
  constructor(sentence) {
    super(sentence);
    this.name = 'UserError';
  }
}

/** A file that is no usable character. */
export class CharacterError extends UserError {
  /** @param {string} sentence */
  constructor(sentence) {
    super(sentence);
    this.name = 'CharacterError';
  }
}

/** A pose that cannot be used: wrong length, unknown name, or a value that is no finite number. */
export class PoseError extends UserError {
  /** @param {string} sentence */
  constructor(sentence) {
    super(sentence);
    this.name = 'PoseError';
  }
}

/** An engine that cannot be had here, or that failed. */
export class EngineError extends UserError {
  /** @param {string} sentence */
  constructor(sentence) {
    super(sentence);
    this.name = 'EngineError';
  }
}

/**
 * What was thrown, as a sentence.
 *
 * @param {unknown} error
 * @returns {string}
 */
export function sentenceOf(error) {
  const message = /** @type {{ message?: unknown } | null} */ (error)?.message;
  return typeof message === 'string' ? message : String(error);
}
