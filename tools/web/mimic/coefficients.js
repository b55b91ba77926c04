// @ts-check
/**
 * The features of a face as ARKit's coefficients: how far it is from its neutral face, in steps of what faces can do.
 *
 * The scales below are what an adult's face moves, in the units of Features; a point that trembles by a few per cent of
 * them does nothing, for small movements begin at DEAD.
 *
 * @module
 */

import { clamp01, ramp } from './face.js';

/** @typedef {import('./face_points.js').Features} Features */
/** @typedef {import('./face_points.js').Eye} Eye */

/** Of each movement, up to this share of its scale is trembling. */
const DEAD = 0.12;

const SCALE = Object.freeze({
  /** A closed eye's gap / that of the neutral eye: the lids' points never meet. */
  shut: 0.35,
  /** A wide eye's gap less the neutral one / the neutral one. */
  wide: 0.6,
  /** An iris from the middle to a corner, and up, in widths of the eye. */
  aside: 0.22,
  up: 0.12,
  /** The lower lid of a squinting eye, in widths of the eye. */
  squint: 0.12,
  /** A brow up and down, in distances of the eyes' outer corners. */
  raised: 0.09,
  lowered: 0.09,
  /** A smile's corners up and apart, a frown's corners down. */
  lifted: 0.07,
  widened: 0.13,
  frowning: 0.05,
  /** Lips apart as far as a jaw goes. */
  jaw: 0.5,
  /** The mouth of an "oo": so much narrower / the neutral width. */
  narrowed: 0.3,
  /** Lips so far apart say "oh" rather than "oo". */
  oh: 0.2,
  /** Lips so far apart show what they say. */
  parted: 0.06,
});

/** How much the lower lip goes down in an "ee", and is held up by an "oh". */
const EE = 0.6;
const OH = 0.5;

/**
 * A face as coefficients.
 *
 * @param {Features} now
 * @param {Features} neutral
 * @returns {import('./face.js').Face}
 */
export function faceOf(now, neutral) {
  /** @type {Record<string, number>} */
  const values = {};
  // The turn of the eyes is that of both: each alone trembles, and nobody squints on purpose.
  const left = now.left.aside - neutral.left.aside - (now.right.aside - neutral.right.aside);
  const aside = left / 2 / SCALE.aside;
  const up = (now.left.up - neutral.left.up + now.right.up - neutral.right.up) / 2 / SCALE.up;
  const widened = (now.wide - neutral.wide) / SCALE.widened;
  for (const [name, eye, rest] of /** @type {[string, Eye, Eye][]} */ ([
    ['Left', now.left, neutral.left],
    ['Right', now.right, neutral.right],
  ])) {
    values[`eyeBlink${name}`] = beyond((rest.open - eye.open) / (rest.open * (1 - SCALE.shut)));
    values[`eyeWide${name}`] = beyond((eye.open - rest.open) / (rest.open * SCALE.wide));
    values[`cheekSquint${name}`] = clamp01((eye.lower - rest.lower) / SCALE.squint);
    values[`browOuterUp${name}`] = beyond((eye.brow - rest.brow) / SCALE.raised);
    values[`browDown${name}`] = beyond((rest.brow - eye.brow) / SCALE.lowered);
    const lifted = (eye.corner - rest.corner) / SCALE.lifted;
    values[`mouthSmile${name}`] = beyond((lifted + widened) / 2);
    values[`mouthFrown${name}`] = beyond((rest.corner - eye.corner) / SCALE.frowning);
    values[`eyeLookUp${name}`] = clamp01(up);
    values[`eyeLookDown${name}`] = clamp01(-up);
  }
  values.eyeLookOutLeft = values.eyeLookInRight = clamp01(aside);
  values.eyeLookInLeft = values.eyeLookOutRight = clamp01(-aside);
  return { values: { ...values, ...mouthOf(now, neutral, widened) }, turn: turned(now.turn, neutral.turn) };
}

/**
 * @param {Features} now @param {Features} neutral @param {number} widened
 * @returns {Record<string, number>}
 */
function mouthOf(now, neutral, widened) {
  // Measured against the eyes: rounded lips are narrow, so that against their own width they would gape.
  const apart = Math.max(0, now.open * now.inner - neutral.open * neutral.inner);
  const jaw = clamp01(apart / SCALE.jaw);
  const narrow = beyond((1 - now.wide / neutral.wide) / SCALE.narrowed);
  const oh = clamp01(apart / SCALE.oh);
  const open = ramp(jaw, 0.1, 0.4);
  // A mouth wide open seems wider, too, and is no "ee" for that.
  const spread = beyond(widened) * clamp01(apart / SCALE.parted) * (1 - open) * EE;
  const lowered = clamp01(open * (1 - OH * narrow) + spread) / 2;
  return {
    jawOpen: jaw,
    mouthLowerDownLeft: lowered,
    mouthLowerDownRight: lowered,
    mouthFunnel: narrow * oh,
    mouthPucker: narrow * (1 - 0.6 * oh),
  };
}

/**
 * From 0 at what is trembling to 1.
 *
 * @param {number} share
 */
const beyond = (share) => ramp(share, DEAD, 1);

/**
 * @param {readonly number[]} now @param {readonly number[]} neutral
 * @returns {[number, number, number]} in degrees from -180 to 180
 */
function turned(now, neutral) {
  const [x, y, z] = now.map((angle, axis) => ((((angle - neutral[axis] + 180) % 360) + 360) % 360) - 180);
  return [x, y, z];
}
