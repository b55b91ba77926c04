// @ts-check
/**
 * Which vowel a sound is most like, from how loud it is in a few bands of frequency: the rules of the addon's
 * vowel_spectrum.gd, which says where they come from (tests/vowel_cases.json holds both to the same answers).
 *
 * @module
 */

/** The vowels, as the parameters of the mouth are named. */
export const VOWELS = Object.freeze(['aaa', 'iii', 'uuu', 'eee', 'ooo']);
/** From and to, in Hz. Each is wide enough to hold a harmonic of a high voice, so they overlap. */
export const BANDS = Object.freeze([
  [150, 450],
  [300, 600],
  [450, 750],
  [600, 1000],
  [800, 1300],
  [1100, 1700],
  [1500, 2300],
  [2000, 3000],
  [2700, 4000],
]);

// Of an adult male voice, in Hz, vowel by vowel.
const FORMANTS = [
  [780, 1200, 2600],
  [300, 2250, 3000],
  [340, 1250, 2300],
  [480, 1900, 2550],
  [480, 850, 2550],
];
const BANDWIDTHS = [90, 110, 150];
// What is further below the loudest band is noise.
const RANGE_DB = 42;
// How much a spectrum may differ, in decibels (root mean square), before it is hardly that vowel any more.
const TOLERANCE_DB = 3;
const STEP_HZ = 25;

/** The spectra of the vowels in decibels, by the scale of their formants. @type {Map<number, number[][]>} */
const templates = new Map();

/**
 * How much of each of VOWELS there is in a sound, together 1.
 *
 * @param {readonly number[]} magnitudes the largest magnitude in each of BANDS
 * @param {number} formantScale 1 for an adult male voice, about 1.17 for a female one, 1.3 and more for a child's
 * @returns {number[]}
 */
export function vowelShares(magnitudes, formantScale) {
  const levels = levelsOf(magnitudes);
  const distances = templatesOf(formantScale).map(
    (template) => template.reduce((sum, level, band) => sum + (levels[band] - level) ** 2, 0) / levels.length,
  );
  // The nearest is taken as the measure, so that a sound that is like none still has shares.
  const nearest = Math.min(...distances);
  const shares = distances.map((distance) => Math.exp((nearest - distance) / (2 * TOLERANCE_DB * TOLERANCE_DB)));
  const total = shares.reduce((sum, share) => sum + share, 0);
  return shares.map((share) => share / total);
}

/**
 * The magnitude that a vowel with these formants (Hz) has at a frequency.
 *
 * @param {readonly number[]} formants @param {number} frequency
 */
export function envelope(formants, frequency) {
  return formants.reduce((magnitude, resonance, number) => {
    const half = BANDWIDTHS[number] / 2;
    const near = (frequency - resonance) ** 2 + half * half;
    const far = (frequency + resonance) ** 2 + half * half;
    return (magnitude * (resonance * resonance + half * half)) / Math.sqrt(near * far);
  }, 1 / frequency);
}

/** @param {number} scale */
function templatesOf(scale) {
  let known = templates.get(scale);
  if (known === undefined) {
    known = FORMANTS.map((formants) => levelsOf(spectrumOf(formants.map((formant) => formant * scale))));
    templates.clear();
    templates.set(scale, known);
  }
  return known;
}

/** @param {readonly number[]} formants */
function spectrumOf(formants) {
  return BANDS.map(([from, to]) => {
    let largest = 0;
    for (let frequency = from; frequency <= to; frequency += STEP_HZ) {
      largest = Math.max(largest, envelope(formants, frequency));
    }
    return largest;
  });
}

/**
 * Decibels around their mean.
 *
 * @param {readonly number[]} magnitudes
 */
function levelsOf(magnitudes) {
  const decibels = magnitudes.map((magnitude) => 20 * Math.log10(Math.max(magnitude, 1e-9)));
  const floor = Math.max(...decibels) - RANGE_DB;
  const levels = decibels.map((level) => Math.max(level, floor));
  const mean = levels.reduce((sum, level) => sum + level, 0) / levels.length;
  return levels.map((level) => level - mean);
}
