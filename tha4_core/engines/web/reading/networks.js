// What a character's two networks are: grids, layers and widths, within bounds. The twin of
// tha4_core/character/networks.py, whose words are kept.

import { PICTURE } from './png.js';

/** Edge of the face's grid: it paints a square of the picture, a pixel for a pixel. */
export const FACE_GRID = 128;
/** Where that square lies in the picture. */
export const FACE_LEFT = 192;
export const FACE_TOP = 80;
/** Values of a pose that the face network sees, the first ones, and that the body network sees. */
export const FACE_POSE = 39;
export const BODY_POSE = 45;
/** Red, green, blue and alpha. */
export const FACE_CHANNELS = 4;
/** Two of a flow, one of a blend, four of a colour. */
export const BODY_CHANNELS = 7;
/** x and y of a pixel. */
const PLACE = 2;
const MOST_LEVELS = 6;
const MOST_LAYERS = 16;
const MOST_CHANNELS = 512;
/** Of a whole picture, in billions. */
const MOST_MULTIPLY_ADDS = 64;
const KEYS = ['face', 'body', 'heads'];

/**
 * A grid, and the channels of the sine layers at each of its pixels.
 *
 * @typedef {object} Level
 * @property {number} grid edge in pixels
 * @property {number[]} widths
 */
/**
 * What the two networks are. The body's levels go from coarse to fine, each of twice the grid of the one before.
 *
 * @typedef {object} Networks
 * @property {Level} face
 * @property {Level[]} body
 * @property {boolean} summed whether each level of the body says what it adds, or the finest says all
 */
/**
 * What a tensor must be.
 *
 * @typedef {Map<string, number[]>} Shapes
 */

/** The student of the paper, and the only one that the official form can hold. */
export const PUBLISHED = Object.freeze(
  /** @type {Networks} */ ({
    face: { grid: FACE_GRID, widths: Array(8).fill(128) },
    body: [
      { grid: 128, widths: [360, 360, 180] },
      { grid: 256, widths: [180, 180, 90] },
      { grid: 512, widths: [90, 90, 90] },
    ],
    summed: false,
  }),
);

/** A description that is none, or out of bounds; the text is a sentence about "networks". */
export class NetworksError extends Error {}

/**
 * A description as character.json has it, checked. Throws NetworksError.
 *
 * @param {unknown} document
 * @returns {Networks}
 */
export function readNetworks(document) {
  if (typeof document !== 'object' || document === null || Array.isArray(document)) {
    throw new NetworksError('"networks" must be an object with "face", "body" and "heads".');
  }
  const unknown = Object.keys(document).find((key) => !KEYS.includes(key));
  if (unknown !== undefined) {
    throw new NetworksError(`"networks" has an unknown entry "${unknown.slice(0, 40)}"; it takes face, body and heads.`);
  }
  const fields = /** @type {Record<string, unknown>} */ (document);
  const faces = levelsIn(fields, 'face');
  const body = levelsIn(fields, 'body');
  if (faces.length !== 1 || faces[0].grid !== FACE_GRID) {
    throw new NetworksError(`"networks": "face" must have one level, of grid ${FACE_GRID}.`);
  }
  const good = body.every((level, index) => level.grid === PICTURE >> (body.length - 1 - index));
  if (body.length < 1 || body.length > MOST_LEVELS || !good) {
    throw new NetworksError(
      `"networks": "body" must have 1 to ${MOST_LEVELS} levels, each of twice the grid of the one before, the last of` +
        ` grid ${PICTURE}.`,
    );
  }
  if (![...faces, ...body].every(hasWidths)) {
    throw new NetworksError(
      `"networks": a level must have 1 to ${MOST_LAYERS} widths of 1 to ${MOST_CHANNELS} channels.`,
    );
  }
  if (fields.heads !== 'sines' && fields.heads !== 'summed') {
    throw new NetworksError('"networks": "heads" must be "sines" or "summed".');
  }
  const networks = { face: faces[0], body, summed: fields.heads === 'summed' };
  const work = multiplyAdds(networks);
  if (work > MOST_MULTIPLY_ADDS * 1e9) {
    throw new NetworksError(
      `"networks" take ${(work / 1e9).toFixed(0)} billion multiply-adds a picture, but at most ${MOST_MULTIPLY_ADDS}` +
        ' are drawn; make them narrower.',
    );
  }
  return networks;
}

/**
 * Multiply-adds of a whole picture, as every engine counts them.
 *
 * @param {Networks} networks
 * @returns {number}
 */
export function multiplyAdds(networks) {
  const { face, body, summed } = networks;
  let work = workOf(face, FACE_CHANNELS);
  body.forEach((level, index) => {
    const next = body[index + 1];
    work += workOf(level, next ? next.widths[0] + (summed ? BODY_CHANNELS : 0) : BODY_CHANNELS);
  });
  return work;
}

/**
 * The same for equal networks alone, as in Python.
 *
 * @param {Networks} networks
 */
export function signatureOf(networks) {
  const levels = [networks.face, ...networks.body].map((level) => `${level.grid}:${level.widths.join(',')}`);
  return `${levels.join(' ')} ${networks.summed ? 'summed' : 'sines'}`;
}

/**
 * Whether they are the published ones.
 *
 * @param {Networks} networks
 */
export function arePublished(networks) {
  return signatureOf(networks) === signatureOf(PUBLISHED);
}

/**
 * The face morpher's tensors, in their order.
 *
 * @param {Networks} networks
 * @returns {Shapes}
 */
export function faceShapes(networks) {
  /** @type {Shapes} */
  const shapes = new Map();
  let inputs = PLACE + FACE_POSE;
  networks.face.widths.forEach((width, layer) => {
    addLinear(shapes, `siren.sine_layers.${layer}.linear`, inputs, width);
    inputs = width;
  });
  addLinear(shapes, 'siren.last_linear', inputs, FACE_CHANNELS);
  return shapes;
}

/**
 * The body morpher's tensors, in their order.
 *
 * @param {Networks} networks
 * @returns {Shapes}
 */
export function bodyShapes(networks) {
  /** @type {Shapes} */
  const shapes = new Map();
  let features = 0;
  networks.body.forEach((level, index) => {
    let inputs = features + PLACE + BODY_POSE;
    level.widths.forEach((width, layer) => {
      addLinear(shapes, `siren_layers.${index}.${layer}.linear`, inputs, width);
      inputs = width;
    });
    features = inputs;
  });
  if (networks.summed) {
    networks.body.slice(0, -1).forEach((level, index) => {
      addLinear(shapes, `heads.${index}`, /** @type {number} */ (level.widths.at(-1)), BODY_CHANNELS);
    });
  }
  addLinear(shapes, 'last_linear', features, BODY_CHANNELS);
  return shapes;
}

/**
 * @param {Shapes} shapes
 * @param {string} name
 * @param {number} inputs
 * @param {number} outputs
 */
function addLinear(shapes, name, inputs, outputs) {
  // A map of every pixel for itself, stored as a convolution.
  shapes.set(`${name}.weight`, [outputs, inputs, 1, 1]);
  shapes.set(`${name}.bias`, [outputs]);
}

/**
 * @param {Record<string, unknown>} fields
 * @param {string} network
 * @returns {Level[]}
 */
function levelsIn(fields, network) {
  const listed = fields[network];
  if (!Array.isArray(listed) || !listed.every(isLevel)) {
    throw new NetworksError(
      `"networks": "${network}" must be a list of levels such as {"grid": 128, "widths": [64, 64]}.`,
    );
  }
  return listed.map(({ grid, widths }) => ({ grid, widths: [...widths] }));
}

/**
 * @param {unknown} value
 * @returns {value is Level}
 */
function isLevel(value) {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || Object.keys(value).length !== 2) {
    return false;
  }
  const { grid, widths } = /** @type {Record<string, unknown>} */ (value);
  return Number.isInteger(grid) && Array.isArray(widths) && widths.every(Number.isInteger);
}

/** @param {Level} level */
function hasWidths({ widths }) {
  return (
    widths.length >= 1 && widths.length <= MOST_LAYERS && widths.every((width) => width >= 1 && width <= MOST_CHANNELS)
  );
}

/**
 * @param {Level} level
 * @param {number} outputs
 */
function workOf({ grid, widths }, outputs) {
  let work = 0;
  [...widths, outputs].reduce((inputs, width) => {
    work += inputs * width;
    return width;
  });
  return work * grid * grid;
}
