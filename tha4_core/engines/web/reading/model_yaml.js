// Reads character_model.yaml as the library and the addon do: settings in a plain part of YAML, without trust.
// tests/yaml_cases.json holds what all must accept and refuse.
//
// One mapping, in block style or in {braces}; keys and values are texts within one line, plain or quoted; comments.
// Plain numbers, switches and null are no texts. Lists, nested settings, anchors, tags, directives and texts of several
// lines are refused.

import { CharacterError } from '../errors.js';
import { textOf } from './bytes.js';

const MOST_BYTES = 4096;
/** The keys that such a file must have. */
export const KEYS = /** @type {const} */ ([
  'character_image_file_name',
  'face_morpher_file_name',
  'body_morpher_file_name',
]);
const HELP = "it must have lines such as 'name: value'.";
/** No plain text begins with one of these. */
const INDICATORS = ',[]{}#&*!|>\'"%@`';
/** @type {Record<string, string>} */
const ESCAPES = { '"': '"', '\\': '\\', '/': '/', ' ': ' ', _: '\u00a0', t: '\t', n: '\n', r: '\r' };
/** @type {Record<string, number>} */
const ESCAPED_DIGITS = { x: 2, u: 4, U: 8 };
/** Plain values that are no texts: null, switches, numbers. */
const NO_TEXT = new RegExp(
  '^(~|[Nn]ull|NULL|([Tt]rue|TRUE|[Yy]es|YES|[Oo]n|ON|[Ff]alse|FALSE|[Nn]o|NO|[Oo]ff|OFF)|[-+]?[0-9][0-9_]*' +
    '|[-+]?(\\.[0-9]+|[0-9]+(\\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\\.(inf|Inf|INF)|\\.nan|\\.NaN|\\.NAN)$',
);
// eslint-disable-next-line no-control-regex
const FOREIGN = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]/;
// eslint-disable-next-line no-control-regex
const CONTROL = /[\x00-\x1f\x7f-\x9f]/;

/** @typedef {import('./bytes.js').Bytes} Bytes */

/**
 * The path of the file that each key names, inside the YAML file's directory. Throws CharacterError.
 *
 * @param {Bytes} bytes
 * @param {string} called what messages call the file
 * @returns {Record<typeof KEYS[number], string>}
 */
export function namedFiles(bytes, called) {
  if (bytes.length > MOST_BYTES) {
    throw new CharacterError(`${called} is larger than ${MOST_BYTES >> 10} KiB; no file of its kind is.`);
  }
  const text = textOf(bytes);
  if (text === null) {
    throw new CharacterError(`${called} is no UTF-8 text; save it as UTF-8.`);
  }
  const settings = new Reader(text.replace(/\r\n?/g, '\n'), called).read();
  const [image, face, body] = KEYS.map((key) => inside(settings.get(key), key, called));
  return { character_image_file_name: image, face_morpher_file_name: face, body_morpher_file_name: body };
}

/**
 * A backslash divides folders as a slash does.
 *
 * @param {string | null | undefined} value
 * @param {string} key
 * @param {string} called
 */
function inside(value, key, called) {
  if (!value) {
    throw new CharacterError(`${called} has no "${key}"; it must name the file, as in "${key}: its_name.png".`);
  }
  if (CONTROL.test(value)) {
    throw new CharacterError(`${called}: "${key}" holds a control character; name the file as it is called.`);
  }
  const name = value.replaceAll('\\', '/');
  let depth = 0;
  for (const part of name.split('/')) {
    depth += part === '..' ? -1 : Number(part !== '.' && part !== '');
    if (depth < 0) {
      break;
    }
  }
  if (depth < 0 || name.startsWith('/') || /^[A-Za-z]:/.test(name) || name.includes('://')) {
    throw new CharacterError(`${called}: "${key}" leads out of its directory (${name.slice(0, 80)}); put the file there.`);
  }
  return name;
}

class Reader {
  /** @type {Map<string, string | null>} */
  #settings = new Map();
  #at = 0;
  /** Column of the mapping's keys in block style. */
  #column = -1;
  #text;
  #called;

  /**
   * @param {string} text
   * @param {string} called
   */
  constructor(text, called) {
    this.#text = text;
    this.#called = called;
  }

  /** The texts by key; null for a value that is none. */
  read() {
    const foreign = this.#text.search(FOREIGN);
    if (foreign >= 0) {
      this.#fail('a control character, or a line end of another kind', foreign);
    }
    this.#skipToContent();
    if (this.#isMarker('---')) {
      this.#at += 3;
      this.#skipSpaces();
      if (!['', '\n', '#', '{'].includes(this.#peek())) {
        this.#fail('a document begins in this line; its settings begin in the next');
      }
      this.#skipToContent();
    }
    if (this.#isLeft() && !this.#isMarker('...')) {
      if (this.#peek() === '{') {
        this.#readBraces();
      } else {
        this.#readBlock();
      }
    }
    if (this.#isMarker('...')) {
      this.#at += 3;
      this.#skipToContent();
    }
    if (this.#isLeft()) {
      this.#fail('this is no setting');
    }
    return this.#settings;
  }

  #readBlock() {
    this.#column = this.#columnOf(this.#at);
    while (this.#isLeft() && !this.#isMarker('---') && !this.#isMarker('...')) {
      if (this.#columnOf(this.#at) !== this.#column) {
        this.#fail('this line is not indented as the ones above');
      }
      const start = this.#at;
      const lineEnd = this.#lineEnd(this.#at);
      const key = this.#readScalar(false);
      this.#skipSpaces();
      if (this.#peek() !== ':' || !this.#isBlank(this.#at + 1)) {
        this.#fail('a name has no value; the colon is missing');
      }
      this.#at += 1;
      this.#skipToContent();
      let value = null;
      if (this.#at < lineEnd || (this.#isLeft() && this.#columnOf(this.#at) > this.#column)) {
        value = this.#readValue(false);
        this.#endLine();
      }
      this.#take(key, value, start);
    }
  }

  #readBraces() {
    this.#at += 1;
    this.#skipToContent();
    while (this.#peek() !== '}') {
      if (this.#peek() === '?') {
        this.#at += 1;
        this.#skipToContent();
      }
      const start = this.#at;
      const key = this.#readScalar(true);
      this.#skipSpaces();
      let value = null;
      if (this.#peek() === ':') {
        this.#at += 1;
        this.#skipToContent();
        if (![',', '}'].includes(this.#peek())) {
          value = this.#readValue(true);
        }
      }
      this.#skipToContent();
      if (![',', '}'].includes(this.#peek())) {
        this.#fail('a comma or a closing brace is missing');
      }
      this.#take(key, value, start);
      if (this.#peek() === ',') {
        this.#at += 1;
        this.#skipToContent();
      }
    }
    this.#at += 1;
    this.#skipToContent();
  }

  /**
   * A text within the line; null for a plain one that stands for something else.
   *
   * @param {boolean} inBraces
   */
  #readValue(inBraces) {
    const isPlain = !['"', "'"].includes(this.#peek());
    const text = this.#readScalar(inBraces);
    return isPlain && NO_TEXT.test(text) ? null : text;
  }

  /**
   * A text within the line.
   *
   * @param {boolean} inBraces
   * @returns {string}
   */
  #readScalar(inBraces) {
    const first = this.#peek();
    if (first === '"') {
      return this.#readDoubleQuoted();
    }
    if (first === "'") {
      return this.#readSingleQuoted();
    }
    const isSpecial =
      ['-', '?', ':'].includes(first) && (this.#isBlank(this.#at + 1) || (inBraces && first !== '-'));
    if (first === '' || INDICATORS.includes(first) || isSpecial) {
      this.#fail('here should be a text within one line');
    }
    const start = this.#at;
    while (!this.#isBlank(this.#at, '\t\n')) {
      const letter = this.#text[this.#at];
      const next = this.#text[this.#at + 1];
      if (letter === ':' && (this.#isBlank(this.#at + 1) || (inBraces && ',[]{}'.includes(next)))) {
        break;
      }
      if ((inBraces && ',?[]{}'.includes(letter)) || (letter === '#' && this.#text[this.#at - 1] === ' ')) {
        break;
      }
      this.#at += 1;
    }
    const text = this.#text.slice(start, this.#at).replace(/ +$/, '');
    this.#at = start + text.length;
    return text;
  }

  #readSingleQuoted() {
    let text = '';
    this.#at += 1;
    while (!this.#isBlank(this.#at, '\t\n')) {
      if (this.#text[this.#at] === "'") {
        this.#at += 1;
        if (this.#text[this.#at] !== "'") {
          return text;
        }
      }
      text += this.#text[this.#at];
      this.#at += 1;
    }
    return this.#fail('a quoted text does not end in its line');
  }

  #readDoubleQuoted() {
    let text = '';
    this.#at += 1;
    while (!this.#isBlank(this.#at, '\t\n')) {
      const letter = this.#text[this.#at];
      if (letter === '"') {
        this.#at += 1;
        return text;
      }
      if (letter === '\\') {
        text += this.#readEscape();
      } else {
        text += letter;
        this.#at += 1;
      }
    }
    return this.#fail('a quoted text does not end in its line');
  }

  #readEscape() {
    const kind = this.#text[this.#at + 1] ?? '';
    if (Object.hasOwn(ESCAPES, kind)) {
      this.#at += 2;
      return ESCAPES[kind];
    }
    const count = Object.hasOwn(ESCAPED_DIGITS, kind) ? ESCAPED_DIGITS[kind] : 0;
    const digits = this.#text.slice(this.#at + 2, this.#at + 2 + count);
    const code = parseInt(digits, 16);
    if (!count || !/^[0-9a-fA-F]+$/.test(digits) || digits.length < count || !isCharacter(code)) {
      return this.#fail('an escape is no character; write a backslash in double quotes twice');
    }
    this.#at += 2 + count;
    return String.fromCodePoint(code);
  }

  /**
   * @param {string} key
   * @param {string | null} value
   * @param {number} at
   */
  #take(key, value, at) {
    if (key === '<<') {
      this.#fail('merge keys (<<) are not read; write the settings themselves', at);
    }
    if (this.#settings.has(key)) {
      this.#fail(`'${key.slice(0, 80)}' is there a second time; leave one of them`, at);
    }
    this.#settings.set(key, value);
  }

  /** Nothing but a comment may follow in this line. */
  #endLine() {
    const lineEnd = this.#lineEnd(this.#at);
    this.#skipSpaces();
    if (this.#at < lineEnd && this.#peek() !== '#') {
      this.#fail('something follows the value; put the value in quotes');
    }
    this.#skipToContent();
  }

  #skipSpaces() {
    while (this.#peek() === ' ') {
      this.#at += 1;
    }
  }

  /** Over spaces, line ends and comments. */
  #skipToContent() {
    while (this.#isLeft() && ' \n#'.includes(this.#text[this.#at])) {
      this.#at = this.#text[this.#at] === '#' ? this.#lineEnd(this.#at) : this.#at + 1;
    }
  }

  #isLeft() {
    return this.#at < this.#text.length;
  }

  #peek() {
    return this.#text[this.#at] ?? '';
  }

  /**
   * Whether a space or a line's end is there.
   *
   * @param {number} at
   * @param {string} blanks
   */
  #isBlank(at, blanks = ' \t\n') {
    return at >= this.#text.length || blanks.includes(this.#text[at]);
  }

  /** @param {number} at */
  #lineEnd(at) {
    const found = this.#text.indexOf('\n', at);
    return found >= 0 ? found : this.#text.length;
  }

  /** @param {number} at */
  #columnOf(at) {
    return at - (at > 0 ? this.#text.lastIndexOf('\n', at - 1) + 1 : 0);
  }

  /**
   * Whether a line here begins or ends a document.
   *
   * @param {string} marker
   */
  #isMarker(marker) {
    return (
      this.#text.startsWith(marker, this.#at) && this.#columnOf(this.#at) === 0 && this.#isBlank(this.#at + marker.length)
    );
  }

  /**
   * @param {string} what
   * @param {number} at
   * @returns {never}
   */
  #fail(what, at = this.#at) {
    const line = this.#text.slice(0, at).split('\n').length;
    throw new CharacterError(`${this.#called}, line ${line}: ${what}; ${HELP}`);
  }
}

/** @param {number} code */
function isCharacter(code) {
  return code > 0 && code <= 0x10ffff && !(code >= 0xd800 && code < 0xe000);
}
