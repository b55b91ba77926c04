// @ts-check
/**
 * How a tracked face becomes a pose: the formulas and default thresholds of THA4's official front ends (for webcams
 * where the two differ), as the addon's AnimeFaceMapping has them.
 *
 * @module
 */

import { clamp01, ramp } from './face.js';
import { mouthShares } from './mouth_shapes.js';

/** @typedef {import('./face.js').Face} Face */
/** @typedef {Record<string, number>} Values parameters of the pose by name; what is missing is at rest */

/** Which eyebrows a lowered brow shows, and how a blink closes the eyes. */
export const BROW_DOWN = Object.freeze(['angry', 'troubled', 'lowered', 'serious']);
export const WINK = Object.freeze(['wink', 'relaxed']);

/** The thresholds, each from 0 to 1; what they mean says anime_face_mapping.gd of the addon. */
export const DEFAULTS = Object.freeze({
  browDown: 'angry',
  wink: 'wink',
  /** Whether a closed mouth lowers its corners: the official front end for iFacialMocap never does, by an oversight. */
  frowns: true,
  smileMin: 0.4,
  smileMax: 0.6,
  browDownMax: 0.4,
  eyeWideMax: 0.5,
  eyeBlinkMax: 0.8,
  cheekSquintMin: 0.1,
  cheekSquintMax: 0.7,
  jawOpenMin: 0.1,
  jawOpenMax: 0.4,
  mouthFrownMax: 0.6,
  mouthFunnelMin: 0.25,
  mouthFunnelMax: 0.5,
  eyeRotationFactor: 4 / 3,
});

const SIDES = Object.freeze([
  ['Left', '_left'],
  ['Right', '_right'],
]);
const HEAD_LIMITS = Object.freeze([15, 10, 15]);

/** @param {number} value */
const clamp11 = (value) => Math.min(1, Math.max(-1, value));

/**
 * The pose of a face. Breath, and what no face sets, is left out.
 *
 * @param {Face} face its turn less that of the neutral face
 * @param {Partial<typeof DEFAULTS>} [settings]
 * @returns {Values}
 */
export function mapFace(face, settings = {}) {
  const used = { ...DEFAULTS, ...settings };
  /** @param {string} name */
  const of = (name) => face.values[name] ?? 0;
  const smile = (of('mouthSmileLeft') + of('mouthSmileRight')) / 2 + of('mouthShrugUpper');
  const smileDegree = ramp(smile, used.smileMin, used.smileMax);
  /** @type {Values} */
  const values = {};
  for (const [side, suffix] of SIDES) {
    values[`eyebrow_raised${suffix}`] = clamp01(of('browInnerUp') + of(`browOuterUp${side}`));
    values[`eyebrow_${used.browDown}${suffix}`] = (1 - smileDegree) * ramp(of(`browDown${side}`), 0, used.browDownMax);
    values[`eyebrow_happy${suffix}`] = clamp01(smile) * smileDegree;
    values[`eye_surprised${suffix}`] = ramp(of(`eyeWide${side}`), 0, used.eyeWideMax);
    const blink = ramp(of(`eyeBlink${side}`), 0, used.eyeBlinkMax);
    values[`eye_${used.wink}${suffix}`] = (1 - smileDegree) * blink;
    values[`eye_happy_wink${suffix}`] = smileDegree * blink;
    const squint = ramp(of(`cheekSquint${side}`), used.cheekSquintMin, used.cheekSquintMax);
    values[`eye_raised_lower_eyelid${suffix}`] = squint;
    values[`mouth_raised_corner${suffix}`] = clamp01(smile);
  }
  const aside = of('eyeLookInLeft') - of('eyeLookOutLeft') - of('eyeLookInRight') + of('eyeLookOutRight');
  const up = of('eyeLookUpLeft') + of('eyeLookUpRight') - of('eyeLookDownLeft') - of('eyeLookDownRight');
  values.iris_rotation_x = clamp11((up / 2) * used.eyeRotationFactor);
  values.iris_rotation_y = clamp11((aside / 2) * used.eyeRotationFactor);
  const [x, y, z] = face.turn.map((angle, axis) => clamp11(angle / HEAD_LIMITS[axis]));
  return { ...values, head_x: -x, head_y: -y, body_y: -y, neck_z: z, body_z: z, ...mouthOf(of, used) };
}

/**
 * @param {(name: string) => number} of a coefficient
 * @param {typeof DEFAULTS} used
 * @returns {Values}
 */
function mouthOf(of, used) {
  const open = ramp(of('jawOpen'), used.jawOpenMin, used.jawOpenMax);
  if (open <= 0) {
    const frown = ramp(of('mouthFrownLeft') + of('mouthFrownRight'), 0, used.mouthFrownMax);
    return used.frowns ? { mouth_lowered_corner_left: frown, mouth_lowered_corner_right: frown } : {};
  }
  const lowerLip = clamp01(of('mouthLowerDownLeft') + of('mouthLowerDownRight'));
  const funnel = of('mouthFunnel');
  const [aaa, iii, uuu, ooo] = mouthShares([open, lowerLip, funnel, of('mouthPucker')]);
  if (used.mouthFunnelMax <= used.mouthFunnelMin) return { mouth_aaa: aaa, mouth_iii: iii };
  const round = clamp01(uuu + ooo);
  const oh = ramp(funnel, used.mouthFunnelMin, used.mouthFunnelMax);
  return { mouth_aaa: aaa, mouth_iii: iii, mouth_uuu: round * (1 - oh), mouth_ooo: round * oh };
}

// What changes its sign in a mirror; what has sides changes them.
const TURNED = Object.freeze(['iris_rotation_y', 'head_y', 'neck_z', 'body_y', 'body_z']);

/**
 * A pose as its mirror image: who looks at the character as into a mirror sees it lean where they lean.
 *
 * @param {Values} values
 * @returns {Values}
 */
export function mirrored(values) {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => {
      if (name.endsWith('_left')) return [name.replace(/_left$/, '_right'), value];
      if (name.endsWith('_right')) return [name.replace(/_right$/, '_left'), value];
      return [name, TURNED.includes(name) ? -value : value];
    }),
  );
}
