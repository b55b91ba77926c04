// @ts-check
/**
 * The two ways to take a found face: by its points, or by a face landmarker's blendshapes. Each measures it as numbers
 * that a neutral face is the middle of, and gives the coefficients of a face beside its neutral one.
 *
 * @module
 */

import { faceOfBlendshapes } from './blendshapes.js';
import { faceOf } from './coefficients.js';
import { COEFFICIENTS, faceFrom, faceNumbers, relativeTo } from './face.js';
import { FEATURE_NUMBERS, featuresFrom, featuresOf, numbersOf } from './face_points.js';

/** @typedef {import('./face.js').Face} Face */
/** @typedef {import('./finders.js').Found} Found */
/**
 * What a face is measured as: a few numbers, in a fixed order.
 * @typedef {readonly number[]} Measure
 */
/**
 * @typedef {object} Way
 * @property {string} name under which a neutral face is kept
 * @property {number} count how many numbers there are
 * @property {Measure} typical a neutral face for as long as nobody has calibrated
 * @property {(found: Found, aspect: number) => Measure | null} measure null: it is none; aspect: the picture's width /
 *     height
 * @property {(measure: Measure) => string} problemOf why it cannot be the neutral one; empty when it can
 * @property {(now: Measure, neutral: Measure) => Face} faceOf
 */

const SHUT = 'Your eyes seem to be closed: open them, look straight ahead and press Calibrate again.';
const EYE = Object.freeze({ open: 0.32, aside: 0.53, up: 0.065, lower: -0.08, brow: 0.26, corner: 0 });
/** Eyes whose lids are so far down are closed. */
const BLINK = 0.6;

/** @type {Way} */
export const BY_POINTS = Object.freeze({
  name: 'mimic.neutral.1',
  count: FEATURE_NUMBERS,
  // The line from chin to forehead leans back by 10 degrees.
  typical: numbersOf({ left: EYE, right: EYE, open: 0.02, inner: 0.54, wide: 0.61, turn: [10, 0, 0] }),
  measure: ({ points }, aspect) => {
    const features = featuresOf(points, aspect);
    return features && numbersOf(features);
  },
  problemOf: (measure) => {
    const { left, right, wide } = featuresFrom(measure);
    if (Math.min(left.open, right.open) < 0.12) return SHUT;
    if (!(wide > 0.2)) return 'Your mouth is hidden: show your whole face and press Calibrate again.';
    return '';
  },
  faceOf: (now, neutral) => faceOf(featuresFrom(now), featuresFrom(neutral)),
});

/** @type {Way} */
export const BY_BLENDSHAPES = Object.freeze({
  name: 'mimic.neutral.blendshapes.1',
  count: COEFFICIENTS.length + 3,
  typical: faceNumbers({ values: {}, turn: [0, 0, 0] }),
  measure: ({ shapes }) => {
    const numbers = shapes && faceNumbers(faceOfBlendshapes(shapes));
    return numbers?.every(Number.isFinite) ? numbers : null;
  },
  problemOf: (measure) => {
    const { eyeBlinkLeft, eyeBlinkRight } = faceFrom(measure).values;
    return Math.max(eyeBlinkLeft, eyeBlinkRight) > BLINK ? SHUT : '';
  },
  faceOf: (now, neutral) => relativeTo(faceFrom(now), faceFrom(neutral)),
});
