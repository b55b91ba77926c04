// A distilled character from the bytes of its .tha4 file, which are not trusted. The twin of
// tha4_core/character/single_file.py.

import { CharacterError } from '../errors.js';
import { bytesOf, refuseStandIn } from './bytes.js';
import { parseJson, readDetails, readExpressions } from './details.js';
import { DRAWING, decodeDrawing, drawingEdge } from './larger_drawing.js';
import { decodePng } from './png.js';
import { readSafetensors } from './safetensors.js';
import { readMasks } from './visibility.js';
import { checkWeights, lookOf, weightsOf } from './weights.js';
import { ZipError, listMembers, storedBytes } from './zip_members.js';

/** The longest file that is read; a real one is about 2 MB. */
const MOST_BYTES = 16 << 20;
/** A real one has 7, and twice that after a Mac has zipped it. */
const MOST_MEMBERS = 32;
const INFO = 'character.json';
const IMAGE = 'character.png';
const FACE = 'face_morpher.safetensors';
const BODY = 'body_morpher.safetensors';
const EXPRESSIONS = 'expressions.json';
const VISIBILITY = 'visibility.json';

/** @typedef {import('./bytes.js').Bytes} Bytes */
/** @typedef {import('./details.js').Credit} Credit */
/** @typedef {import('./details.js').Region} Region */
/** @typedef {import('./networks.js').Networks} Networks */
/** @typedef {import('./weights.js').Weights} Weights */
/**
 * A character in memory. Do not change it.
 *
 * @typedef {object} Character
 * @property {string} name what it is called; may be empty
 * @property {string} author who made it; may be empty
 * @property {string} licence what may be done with it; may be empty
 * @property {Record<string, unknown>} provenance how it came to be
 * @property {Record<string, unknown>} quality what was measured of it
 * @property {Credit[]} credits the works that it was made with, and what their makers ask
 * @property {Record<string, Record<string, number>>} expressions its own: partial poses by name
 * @property {Region} headRegion what a head view shows, in pixels of the picture
 * @property {Bytes} picture at rest, straight-alpha sRGB RGBA8, [512][512][4]
 * @property {Uint8Array<ArrayBuffer> | null} masks which tiles of 8x4 pixels can ever be seen ([128][64]; bit i: in poses
 *   that lean in way i); null: nobody measured that
 * @property {Networks} networks what the two networks are
 * @property {number} drawingEdge width and height of the picture drawn larger, in pixels: 1024 or 2048; 0: there is none
 * @property {() => Promise<Bytes | null>} readDrawing the picture drawn larger, as `picture`, which takes some tenths of a
 *   second; null: there is none. Throws CharacterError where it is another drawing
 * @property {Weights} weights
 */

/**
 * The character in the bytes of a .tha4 file. Throws CharacterError, one sentence.
 *
 * @param {Uint8Array | ArrayBuffer | Blob} source
 * @param {string} [called] what messages call the file; left out: a File's own name
 * @returns {Promise<Character>}
 */
export async function readCharacter(source, called) {
  const name = called ?? (source instanceof Blob && 'name' in source ? String(source.name) : 'the file');
  const bytes = await bytesOf(source, MOST_BYTES, name);
  refuseStandIn(bytes, name);
  const members = readMembers(bytes, name);
  const info = readDetails(parseJson(memberOf(members, INFO), `${name}: ${INFO}`), `${name}: ${INFO}`);
  const expressions = members.get(EXPRESSIONS);
  const place = `${name}: ${EXPRESSIONS}`;
  const { networks } = info;
  const face = readSafetensors(memberOf(members, FACE), `${name}: ${FACE}`);
  checkWeights(face, 'face', networks, `${name}: ${FACE}`);
  const body = readSafetensors(memberOf(members, BODY), `${name}: ${BODY}`);
  checkWeights(body, 'body', networks, `${name}: ${BODY}`);
  const picture = await decodePng(memberOf(members, IMAGE), `${name}: ${IMAGE}`);
  const seen = members.get(VISIBILITY);
  const look = () => lookOf(picture, networks, face, body);
  const drawing = members.get(DRAWING) ?? null;
  const found = drawing ? drawingEdge(drawing, `${name}: ${DRAWING}`) : 0;
  if (found !== info.drawingEdge) {
    throw new CharacterError(
      `${name} holds ${found ? `${DRAWING} of ${found} pixels` : `no ${DRAWING}`}, but ${INFO} has` +
        ` ${info.drawingEdge ? `"drawing_hd": ${info.drawingEdge}` : 'no "drawing_hd"'}; convert the character again.`,
    );
  }
  return {
    ...info,
    readDrawing: async () => drawing && decodeDrawing(drawing, picture, `${name}: ${DRAWING}`),
    expressions: expressions ? readExpressions(parseJson(expressions, place), place) : {},
    picture,
    masks: seen ? readMasks(parseJson(seen, `${name}: ${VISIBILITY}`), look, `${name}: ${VISIBILITY}`) : null,
    weights: weightsOf(networks, face, body),
  };
}

/**
 * @param {Bytes} bytes
 * @param {string} called
 * @returns {Map<string, Bytes>}
 */
function readMembers(bytes, called) {
  /** @type {Map<string, Bytes>} */
  const members = new Map();
  try {
    const listed = listMembers(bytes, MOST_MEMBERS);
    const again = listed.has(INFO)
      ? [...listed.values()].some((member) => member.packed)
      : [...listed.keys()].some((name) => name.endsWith(`/${INFO}`) || name.endsWith('.tha4'));
    // Stored, and none over another's bytes: nothing unpacks to more than the file's own size.
    if (again) {
      throw new CharacterError(
        `${called} was zipped again by another program, but its members must be stored, and in no folder;` +
          ' tools/convert.py writes it anew (python3 tools/convert.py OLD.tha4 NEW.tha4).',
      );
    }
    // What is not read is not unpacked either: other members may hold anything.
    for (const name of [INFO, IMAGE, FACE, BODY, EXPRESSIONS, VISIBILITY, DRAWING]) {
      const member = listed.get(name);
      if (member) {
        members.set(name, storedBytes(bytes, member));
      }
    }
  } catch (error) {
    if (error instanceof ZipError) {
      throw new CharacterError(`${called} is no character file that can be read: ${error.message}; copy it again.`);
    }
    throw error;
  }
  const missing = [INFO, IMAGE, FACE, BODY].filter((name) => !members.has(name));
  if (missing.length) {
    throw new CharacterError(`${called} misses ${missing.join(', ')}; it is not a whole character file.`);
  }
  return members;
}

/**
 * @param {Map<string, Bytes>} members
 * @param {string} name one that is there
 * @returns {Bytes}
 */
function memberOf(members, name) {
  return /** @type {Bytes} */ (members.get(name));
}
