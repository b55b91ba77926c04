// @ts-check
/**
 * Lets the mouth move with a voice: while there is speech it shapes the mouth, and between it leaves the mouth to the
 * face. The rules and defaults of the addon's AnimeLipSync.
 *
 * @module
 */

import { clamp01 } from './face.js';
import { BANDS, VOWELS, vowelShares } from './vowel_spectrum.js';

/** @typedef {Record<'gateDb' | 'fullDb' | 'formantScale' | 'attack' | 'release', number>} VoiceSettings */

/**
 * How a voice is heard: the defaults of the addon's node.
 *
 * @type {Readonly<VoiceSettings>}
 */
export const DEFAULTS = Object.freeze({
  /** What is less loud (decibels of full scale) is silence; what is as loud as `fullDb` opens the mouth fully. */
  gateDb: -50,
  fullDb: -22,
  /** How high the voice's formants lie: 1 for a man's, 1.17 for a woman's, 1.3 and more for a child's. */
  formantScale: 1.15,
  /** How long the mouth takes to open and to close, in seconds. */
  attack: 0.03,
  release: 0.09,
});

/** Between these (Hz) lies what is heard as loudness. */
export const LEVEL_BAND = Object.freeze([100, 4000]);
const OTHER_SHAPES = Object.freeze(['mouth_delta', 'mouth_smirk']);

/**
 * How far each of VOWELS is open in a sound.
 *
 * @param {(from: number, to: number) => number} magnitude the largest one between two frequencies (Hz); 1 is full scale
 * @param {Readonly<VoiceSettings>} [settings]
 * @returns {number[]}
 */
export function hear(magnitude, settings = DEFAULTS) {
  const level = 20 * Math.log10(Math.max(magnitude(LEVEL_BAND[0], LEVEL_BAND[1]), 1e-9));
  const full = Math.max(settings.fullDb, settings.gateDb + 1);
  const open = clamp01((level - settings.gateDb) / (full - settings.gateDb));
  if (open <= 0) return VOWELS.map(() => 0);
  const magnitudes = BANDS.map(([from, to]) => magnitude(from, to));
  return vowelShares(magnitudes, settings.formantScale).map((share) => share * open);
}

/** A mouth that follows what is heard. */
export class LipSync {
  #mouth = VOWELS.map(() => 0);
  /** How much of the mouth is the voice's: 0 in silence, 1 in speech. */
  #presence = 0;

  /** @param {Readonly<VoiceSettings>} [settings] */
  constructor(settings = DEFAULTS) {
    this.settings = settings;
  }

  /**
   * Goes on. Any step gives the same motion: twice 0.01 is once 0.02.
   *
   * @param {readonly number[]} heard how far each vowel is open
   * @param {number} seconds
   */
  advance(heard, seconds) {
    this.#mouth = this.#mouth.map((value, vowel) => this.#approach(value, heard[vowel], seconds));
    this.#presence = this.#approach(this.#presence, Math.max(...heard) > 0 ? 1 : 0, seconds);
  }

  /**
   * A pose with this mouth over it.
   *
   * @param {Record<string, number>} values
   * @returns {Record<string, number>}
   */
  over(values) {
    if (this.#presence < 1e-3) return values;
    const blended = { ...values };
    /** @param {string} name @param {number} value */
    const put = (name, value) => (blended[name] = (values[name] ?? 0) * (1 - this.#presence) + value * this.#presence);
    VOWELS.forEach((vowel, place) => put(`mouth_${vowel}`, clamp01(this.#mouth[place])));
    OTHER_SHAPES.forEach((name) => put(name, 0));
    return blended;
  }

  /** @param {number} value @param {number} goal @param {number} seconds */
  #approach(value, goal, seconds) {
    const time = goal > value ? this.settings.attack : this.settings.release;
    return time <= 0 ? goal : goal + (value - goal) * Math.exp(-seconds / time);
  }
}
