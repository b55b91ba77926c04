// What character.json and expressions.json say of a character, checked. The twin of CharacterInfo in
// tha4_core/character/model.py and of tha4_core/character/credits.py.

import { CharacterError } from '../errors.js';
import { indicesOf } from '../pose.js';
import { textOf } from './bytes.js';
import { EDGES } from './larger_drawing.js';
import { NetworksError, PUBLISHED, readNetworks } from './networks.js';
import { PICTURE } from './png.js';

const FORMAT = 'tha4-character';
/** The newest version of the format that is read, and the first that describes networks, or names a larger drawing. */
const VERSION = 3;
const NETWORKS_VERSION = 2;
const DRAWING_VERSION = 3;
const MOST_JSON = 1 << 20;
const MOST_TEXT = 2000;
const MOST_EXPRESSIONS = 256;
const MOST_NAME = 64;
const MOST_CREDITS = 16;
const MOST_CREDIT_TEXT = 300;
// eslint-disable-next-line no-control-regex
const CONTROL = /[\x00-\x1f\x7f-\x9f\u2028\u2029]/;
/** @type {Region} */
const DEFAULT_HEAD = [160, 48, 192, 192];

/** @typedef {import('./bytes.js').Bytes} Bytes */
/** @typedef {import('./networks.js').Networks} Networks */
/**
 * Pixels of the picture: left, top, width and height.
 *
 * @typedef {[number, number, number, number]} Region
 */
/**
 * A work that a character was made with, and what its maker asks.
 *
 * @typedef {object} Credit
 * @property {string} work
 * @property {string} creator
 * @property {string} licence
 * @property {string} terms
 * @property {string} link
 */
/**
 * @typedef {object} Details
 * @property {string} name
 * @property {string} author
 * @property {string} licence
 * @property {Region} headRegion what a head view shows
 * @property {Record<string, unknown>} provenance how it came to be
 * @property {Record<string, unknown>} quality what was measured
 * @property {Credit[]} credits
 * @property {Networks} networks
 * @property {number} drawingEdge of the larger drawing that it names, in pixels; 0: it names none
 */

/**
 * JSON of a character's file, with or without a byte order mark. Throws CharacterError.
 *
 * @param {Bytes} bytes
 * @param {string} called what messages call the file
 * @returns {unknown}
 */
export function parseJson(bytes, called) {
  if (bytes.length > MOST_JSON) {
    throw new CharacterError(`${called} is larger than ${MOST_JSON >> 20} MiB; no character's is.`);
  }
  const text = textOf(bytes);
  if (text === null) {
    throw new CharacterError(`${called} is not valid JSON: it is no UTF-8 text; save it as UTF-8.`);
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    const why = error instanceof RangeError ? 'it nests too deeply' : oneLine(/** @type {Error} */ (error).message);
    throw new CharacterError(`${called} is not valid JSON: ${why}.`);
  }
}

/**
 * Parsed character.json. Throws CharacterError.
 *
 * @param {unknown} document
 * @param {string} called
 * @returns {Details}
 */
export function readDetails(document, called) {
  if (!isObject(document) || document.format !== FORMAT) {
    throw new CharacterError(`${called} is not a character's description: "format" must be "${FORMAT}".`);
  }
  const version = document.version;
  if (typeof version !== 'number' || !Number.isInteger(version) || version < 1) {
    throw new CharacterError(`${called}: "version" must be a whole number from 1.`);
  }
  if (version > VERSION) {
    throw new CharacterError(
      `${called} has format version ${version}, but this program reads up to ${VERSION}; update it.`,
    );
  }
  const [name, author, licence] = ['name', 'author', 'licence'].map((key) => textIn(document, key, called));
  const [provenance, quality] = ['provenance', 'quality'].map((key) => objectIn(document, key, called));
  return {
    name,
    author,
    licence,
    headRegion: headIn(document, called),
    provenance,
    quality,
    credits: creditsIn(provenance, called),
    networks: networksIn(document, version, called),
    drawingEdge: drawingIn(document, version, called),
  };
}

/**
 * Parsed expressions.json: partial poses by name. Throws CharacterError.
 *
 * @param {unknown} document
 * @param {string} called
 * @returns {Record<string, Record<string, number>>}
 */
export function readExpressions(document, called) {
  if (!isObject(document)) {
    throw new CharacterError(`${called}: expressions must be an object of named partial poses.`);
  }
  const entries = Object.entries(document);
  if (entries.length > MOST_EXPRESSIONS) {
    throw new CharacterError(
      `${called}: there are ${entries.length} expressions; at most ${MOST_EXPRESSIONS} are read.`,
    );
  }
  for (const [name, values] of entries) {
    const flaw = expressionFlaw(name, values);
    if (flaw) {
      throw new CharacterError(`${called}: expression "${oneLine(name.slice(0, MOST_NAME))}": ${flaw}.`);
    }
  }
  return /** @type {Record<string, Record<string, number>>} */ (Object.fromEntries(entries));
}

/**
 * What a character is called that says nothing of itself.
 *
 * @param {string} name
 * @returns {Details}
 */
export function detailsOf(name) {
  return readDetails({ format: FORMAT, version: 1, name: name.slice(0, MOST_TEXT) }, name);
}

/**
 * @param {unknown} value
 * @returns {value is Record<string, unknown>}
 */
function isObject(value) {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** @param {string} text */
function oneLine(text) {
  return text.replace(/\s+/g, ' ').slice(0, 200).replace(/\.$/, '');
}

/**
 * @param {Record<string, unknown>} document
 * @param {string} key
 * @param {string} called
 */
function textIn(document, key, called) {
  const text = document[key] ?? '';
  if (typeof text !== 'string' || text.length > MOST_TEXT || (key in document && document[key] === null)) {
    throw new CharacterError(`${called}: "${key}" must be a text of at most ${MOST_TEXT} characters.`);
  }
  return text;
}

/**
 * @param {Record<string, unknown>} document
 * @param {string} key
 * @param {string} called
 */
function objectIn(document, key, called) {
  const value = Object.hasOwn(document, key) ? document[key] : {};
  if (!isObject(value)) {
    throw new CharacterError(`${called}: "${key}" must be an object.`);
  }
  return value;
}

/**
 * @param {Record<string, unknown>} document
 * @param {string} called
 * @returns {Region}
 */
function headIn(document, called) {
  const view = Object.hasOwn(document, 'head_view') ? document.head_view : DEFAULT_HEAD;
  if (Array.isArray(view) && view.length === 4 && view.every(Number.isInteger)) {
    const [x, y, width, height] = view;
    if (x >= 0 && y >= 0 && width >= 1 && height >= 1 && x + width <= PICTURE && y + height <= PICTURE) {
      return [x, y, width, height];
    }
  }
  throw new CharacterError(
    `${called}: "head_view" must be [x, y, width, height] in whole pixels inside the ${PICTURE}x${PICTURE} picture.`,
  );
}

/**
 * @param {Record<string, unknown>} provenance
 * @param {string} called
 * @returns {Credit[]}
 */
function creditsIn(provenance, called) {
  const listed = Object.hasOwn(provenance, 'credits') ? provenance.credits : [];
  const flaw = !Array.isArray(listed) || listed.length > MOST_CREDITS
    ? `must be a list of at most ${MOST_CREDITS} objects`
    : listed.map(creditFlaw).find(Boolean);
  if (flaw) {
    throw new CharacterError(`${called}: "credits" of "provenance" ${flaw}.`);
  }
  return /** @type {Record<string, string>[]} */ (listed).map(({ work, creator, licence, terms = '', link = '' }) => ({
    work,
    creator,
    licence,
    terms,
    link,
  }));
}

/**
 * @param {unknown} credit
 * @returns {string}
 */
function creditFlaw(credit) {
  if (!isObject(credit)) {
    return 'must hold objects with "work", "creator" and "licence"';
  }
  for (const key of ['work', 'creator', 'licence', 'terms', 'link']) {
    const text = Object.hasOwn(credit, key) ? credit[key] : '';
    if (typeof text !== 'string' || text.length > MOST_CREDIT_TEXT || CONTROL.test(text)) {
      return `must have texts of one line and at most ${MOST_CREDIT_TEXT} characters ("${key}")`;
    }
  }
  const missing = ['work', 'creator', 'licence'].find((key) => !credit[key]);
  return missing ? `must say the "${missing}" of each` : '';
}

/**
 * @param {Record<string, unknown>} document
 * @param {number} version
 * @param {string} called
 * @returns {Networks}
 */
function networksIn(document, version, called) {
  if (!Object.hasOwn(document, 'networks')) {
    return PUBLISHED;
  }
  if (version < NETWORKS_VERSION) {
    throw new CharacterError(`${called}: "networks" needs "version" ${NETWORKS_VERSION}, and has version ${version}.`);
  }
  try {
    return readNetworks(document.networks);
  } catch (error) {
    if (error instanceof NetworksError) {
      throw new CharacterError(`${called}: ${error.message}`);
    }
    throw error;
  }
}

/**
 * @param {Record<string, unknown>} document
 * @param {number} version
 * @param {string} called
 * @returns {number}
 */
function drawingIn(document, version, called) {
  if (!Object.hasOwn(document, 'drawing_hd')) {
    return 0;
  }
  if (version < DRAWING_VERSION) {
    throw new CharacterError(`${called}: "drawing_hd" needs "version" ${DRAWING_VERSION}, and has version ${version}.`);
  }
  const edge = EDGES.find((one) => one === document.drawing_hd);
  if (edge === undefined) {
    throw new CharacterError(`${called}: "drawing_hd" must be ${EDGES.join(' or ')}.`);
  }
  return edge;
}

/**
 * @param {string} name
 * @param {unknown} values
 * @returns {string}
 */
function expressionFlaw(name, values) {
  if (name.length < 1 || name.length > MOST_NAME) {
    return `its name must have 1 to ${MOST_NAME} characters`;
  }
  if (!isObject(values)) {
    return 'it must be an object of parameter names and numbers';
  }
  for (const [parameter, value] of Object.entries(values)) {
    if (indicesOf(parameter).length === 0) {
      return `there is no pose parameter named '${oneLine(parameter.slice(0, MOST_NAME))}'`;
    }
    if (typeof value !== 'number' || !Number.isFinite(value)) {
      return `${parameter} must be a finite number`;
    }
  }
  return '';
}
