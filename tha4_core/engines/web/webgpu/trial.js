// The first pixels that a graphics card draws of a character at rest, against what they should be: a driver may draw
// nonsense without a word. The twin of the addon's gpu_trial.gd.

import { Evaluation } from '../drawing/evaluate.js';
import { EngineError } from '../errors.js';
import { POSE_SIZE } from '../pose.js';
import { GRID } from '../reading/visibility.js';

/** A piece of the face, and some of its pixels. @type {import('../reading/details.js').Region} */
const REGION = [244, 140, 16, 4];
const PLACES = [[0, 0], [5, 1], [10, 2], [15, 3]];
/** Peak signal to noise, dB: 16 bits give 60 and more, noise 8. */
const LEAST = 40;

/** @typedef {import('../drawing/drawer.js').Drawer} Drawer */
/** @typedef {import('../reading/character.js').Character} Character */

/**
 * Draws them. Throws EngineError where they are not what they should be.
 *
 * @param {Drawer} drawer
 * @param {Character} character
 */
export async function tryOut(drawer, character) {
  const pose = new Float32Array(POSE_SIZE);
  const [left, top, width, height] = REGION;
  const { masks } = character;
  // What a mask hides is transparent, whatever the networks say.
  const places = PLACES.filter(([x, y]) => !masks || masks[((top + y) >> 2) * GRID[0] + ((left + x) >> 3)] & 1);
  const { data } = await drawer.render(pose, { region: REGION, size: [width, height], times: 1 });
  const evaluation = new Evaluation(character, pose);
  let squares = 0;
  for (const [x, y] of places) {
    const drawn = premultiplied(Array.from(data.subarray(4 * (y * width + x), 4 * (y * width + x) + 4)));
    const wanted = premultiplied(evaluation.pixel(left + x, top + y));
    squares += drawn.reduce((sum, value, channel) => sum + (value - wanted[channel]) ** 2, 0);
  }
  const likeness = 10 * Math.log10((255 ** 2 * 4 * places.length) / squares);
  if (places.length && !(likeness >= LEAST)) {
    throw new EngineError(
      `the graphics card draws wrongly: its picture at rest is ${likeness.toFixed(0)} dB like what it should be; update` +
        ' its driver.',
    );
  }
}

/** @param {number[]} pixel */
function premultiplied([red, green, blue, alpha]) {
  return [...[red, green, blue].map((value) => (value * alpha) / 255), alpha];
}
