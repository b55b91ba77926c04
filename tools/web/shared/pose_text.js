/**
 * Poses as text: the JSON that tools and games take, and a link's fragment. What is out of range is clamped, and said;
 * what is no parameter or no number is refused.
 */

import { PoseError } from '../engines/web/index.js';
import { PARAMETERS, SIZE, clamped, indicesOf } from './parameters.js';

const FORM = `a pose is an object of parameter names and numbers, or a list of ${SIZE} numbers`;
const LONGEST = 80;

/**
 * @typedef {object} ReadPose
 * @property {Float32Array} pose 45 numbers
 * @property {string} remark a sentence on what was clamped; empty when nothing was
 */

/**
 * A pose as JSON: what is not at rest, by name; both sides by their group's name where they are the same.
 *
 * @param {ArrayLike<number>} pose
 * @returns {string}
 */
export function poseToJson(pose) {
  return JSON.stringify(namedValues(pose), null, 2);
}

/**
 * The pose in a text of JSON, as tools/poses/pose_files.py reads it. Throws PoseError.
 *
 * @param {string} text
 * @returns {ReadPose}
 */
export function poseFromJson(text) {
  let document;
  try {
    document = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch {
    throw new PoseError(`this is not valid JSON; ${FORM}.`);
  }
  if (Array.isArray(document)) {
    if (document.length !== SIZE) {
      throw new PoseError(`${FORM}, but this list has ${document.length}.`);
    }
    return readPose(document.map((value, index) => [PARAMETERS[index].name, value]));
  }
  if (typeof document !== 'object' || document === null) {
    throw new PoseError(`${FORM}.`);
  }
  const entries = Object.entries(document);
  if (entries.some(([, value]) => typeof value === 'object' && value !== null)) {
    throw new PoseError(`there are several poses, such as "${entries[0][0].slice(0, LONGEST)}"; give one of them.`);
  }
  return readPose(entries);
}

/**
 * What a link keeps, without the first "#": the pose, and whatever else the page says.
 *
 * @param {ArrayLike<number>} pose
 * @param {Record<string, string>} [more]
 * @returns {string}
 */
export function poseToFragment(pose, more = {}) {
  const parts = { ...more, ...namedValues(pose) };
  return Object.entries(parts)
    .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
    .join('&');
}

/**
 * The pose in a link's fragment, and what else is in it. Throws PoseError.
 *
 * @param {string} fragment with or without the first "#"
 * @param {readonly string[]} more the names of what else there may be
 * @returns {ReadPose & {more: Record<string, string>}}
 */
export function poseFromFragment(fragment, more) {
  /** @type {[string, unknown][]} */
  const entries = [];
  /** @type {Record<string, string>} */
  const others = {};
  for (const [name, value] of new URLSearchParams(fragment.replace(/^#/, ''))) {
    if (more.includes(name)) {
      others[name] = value;
    } else {
      entries.push([name, value.trim() === '' ? NaN : Number(value)]);
    }
  }
  return { ...readPose(entries), more: others };
}

/**
 * @param {readonly [string, unknown][]} entries later ones count
 * @returns {ReadPose}
 */
function readPose(entries) {
  const pose = new Float32Array(SIZE);
  /** @type {string[]} */
  const strays = [];
  for (const [name, value] of entries) {
    const indices = indicesOf(name);
    if (!indices.length) {
      throw new PoseError(`there is no pose parameter named "${name.slice(0, LONGEST)}"; the sliders have their names.`);
    }
    const { min, max } = PARAMETERS[indices[0]];
    if (typeof value !== 'number' || !Number.isFinite(value)) {
      throw new PoseError(`${name} must be a finite number, from ${min} to ${max}.`);
    }
    const taken = clamped(indices[0], value);
    if (taken !== value) {
      strays.push(`${name} goes from ${min} to ${max}; ${taken} is taken for ${value}`);
    }
    for (const index of indices) {
      pose[index] = taken;
    }
  }
  const others = strays.length > 1 ? `, and ${strays.length - 1} more like it` : '';
  return { pose, remark: strays.length ? `${strays[0]}${others}.` : '' };
}

/**
 * @param {ArrayLike<number>} pose
 * @returns {Record<string, number>}
 */
function namedValues(pose) {
  /** @type {Record<string, number>} */
  const values = {};
  PARAMETERS.forEach(({ name, group }, index) => {
    const sides = indicesOf(group);
    const rounded = sides.map((side) => round(pose[side]));
    if (sides.length > 1 && rounded.every((value) => value === rounded[0])) {
      values[group] = rounded[0];
    } else {
      values[name] = round(pose[index]);
    }
  });
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== 0));
}

/** @param {number} value */
function round(value) {
  return Math.round(value * 1000) / 1000;
}
