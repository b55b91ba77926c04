// One stage of a network, a tile of pixels at a time: places -> sine layers -> linear map. Activations lie in shared
// memory alone, as [channel][four pixels]; a thread sums some channels of four pixels. The twin of the addon's
// tile.gdshaderinc.

import { FACE_LEFT, FACE_TOP } from '../reading/networks.js';
import { PICTURE } from '../reading/png.js';
import { drawn } from './drawn.js';
import { THREADS, TILE_WIDTH, answerChannels } from './plan.js';

/** @typedef {import('./plan.js').Stage} Stage */
/** @typedef {import('./plan.js').Step} Step */

/** What each binding is; the buffers a stage has follow from its kind. */
export const BINDINGS = { weights: 0, constants: 1, tiles: 2, coarse: 3, result: 4, picture: 5, target: 6, view: 7 };

/** The sine of a quarter turn more than so many turns: a driver's own promises little. */
const SINE = `
fn sine(turns: vec4f) -> vec4f {
  let rest = 0.5 - 2.0 * abs(turns - round(turns));
  let square = rest * rest;
  return (((-0.5546361975219487 * square + 2.5418990277719704) * square - 5.167142796390344) * square
    + 3.141582022151253) * rest;
}`;

const FLOATS = `
var<workgroup> activations: array<vec4f, HELD>;
fn held_at(at: u32) -> vec4f { return activations[at]; }
fn hold(at: u32, value: vec4f) { activations[at] = value; }`;

const SNORMS = `
var<workgroup> activations: array<vec2u, HELD>;
fn held_at(at: u32) -> vec4f {
  let bits = activations[at];
  return vec4f(unpack2x16snorm(bits.x), unpack2x16snorm(bits.y));
}
fn hold(at: u32, value: vec4f) { activations[at] = vec2u(pack2x16snorm(value.xy), pack2x16snorm(value.zw)); }`;

/** Four pixels of a channel that the level before left, at twice the size, with half-pixel centres. */
const UPSAMPLED = `
fn upsampled(channel: u32, place: vec2u) -> vec4f {
  let side = EDGE / 2u;
  let below = min((place.y + 1u) / 2u, side - 1u);
  let above = max((place.y + 1u) / 2u, 1u) - 1u;
  let share = select(0.25, 0.75, (place.y & 1u) == 0u);
  let x = place.x / 2u;
  let columns = channel * side * side + vec4u(max(x, 1u) - 1u, x, x + 1u, min(x + 2u, side - 1u));
  let high = columns + above * side;
  let low = columns + below * side;
  let value = mix(vec4f(coarse[high.x], coarse[high.y], coarse[high.z], coarse[high.w]),
    vec4f(coarse[low.x], coarse[low.y], coarse[low.z], coarse[low.w]), share);
  return vec4f(mix(value.x, value.y, 0.75), mix(value.y, value.z, 0.25), mix(value.y, value.z, 0.75),
    mix(value.z, value.w, 0.25));
}`;

/**
 * A stage's shader.
 *
 * @param {Stage} stage
 * @param {boolean} snorm16 whether activations have 16 bits
 * @param {boolean} leavesAnswers whether the finest stage leaves its answers, for a larger picture: of each pixel flow,
 *   blend and red, then green, blue and alpha, and 1
 * @returns {string} WGSL with an entry point "main"
 */
export function tileShader(stage, snorm16, leavesAnswers = false) {
  const { kind, edge, pixels, channels, first, constants, readsCoarse, answer, steps } = stage;
  const draws = kind === 'finest' && !leavesAnswers;
  const held = channels * (pixels / 4);
  const isRaw = kind !== 'coarse';
  return `
const EDGE = ${edge}u;
const PIXELS = ${pixels}u;
const QUADS = ${pixels / 4}u;
const TILE_WIDTH = ${TILE_WIDTH}u;
const HELD = ${held}u;
const FIRST = ${first}u;
const ANSWER = ${Math.max(answer, 0)}u;
@group(0) @binding(${BINDINGS.weights}) var<storage, read> weights: array<vec2f>;
@group(0) @binding(${BINDINGS.constants}) var<storage, read> constants: array<vec4f>;
@group(0) @binding(${BINDINGS.tiles}) var<storage, read> tiles: array<u32>;
${readsCoarse ? `@group(0) @binding(${BINDINGS.coarse}) var<storage, read> coarse: array<f32>;` : ''}
${kind === 'coarse' || leavesAnswers ? `@group(0) @binding(${BINDINGS.result}) var<storage, read_write> result: array<vec4f>;` : ''}
${kind === 'face' ? `@group(0) @binding(${BINDINGS.picture}) var<storage, read_write> picture: array<vec4f>;` : ''}
${draws ? `@group(0) @binding(${BINDINGS.picture}) var<storage, read> picture: array<vec4f>;` : ''}
${draws ? `@group(0) @binding(${BINDINGS.target}) var<storage, read_write> pixels_: array<u32>;` : ''}
${draws ? `@group(0) @binding(${BINDINGS.view}) var<uniform> view: vec4u;` : ''}
${isRaw ? 'var<workgroup> raw: array<vec4f, 8u * QUADS>;' : ''}
${(snorm16 ? SNORMS : FLOATS).replace('HELD', `${held}u`)}
${SINE}
fn place_of(quad: u32) -> vec2u {
  return vec2u(4u * quad % TILE_WIDTH, 4u * quad / TILE_WIDTH);
}
${readsCoarse ? UPSAMPLED : ''}
${draws ? drawn(edge) : ''}
@compute @workgroup_size(${THREADS}) fn main(
  @builtin(workgroup_id) work: vec3u,
  @builtin(local_invocation_index) me: u32,
) {
  let group = me / QUADS;
  let quad = me % QUADS;
  let tile = vec2u(tiles[work.x] & 0xffffu, tiles[work.x] >> 16u);
  let corner = tile * vec2u(TILE_WIDTH, PIXELS / TILE_WIDTH);
  for (var i = me; i < FIRST * QUADS; i += ${THREADS}u) {
    let channel = i / QUADS;
    let place = corner + place_of(i % QUADS);
    let x = (2.0 * (f32(place.x) + vec4f(0.0, 1.0, 2.0, 3.0)) + 1.0) / f32(EDGE) - 1.0;
    let y = (2.0 * f32(place.y) + 1.0) / f32(EDGE) - 1.0;
    let constant = constants[${constants}u + channel];
    let sum = x * constant.x + (y * constant.y + constant.z)${readsCoarse ? ' + upsampled(channel, place)' : ''};
    hold(i, sine(sum));
  }
  workgroupBarrier();
${steps.map((step) => layer(step, answer)).join('\n')}
${isRaw ? finish(stage, leavesAnswers) : ''}
}`;
}

/**
 * A layer, each thread summing some of its outputs, in place.
 *
 * @param {Step} step
 * @param {number} answer
 */
function layer({ inputs, outputs, sums, offset, finish: end }, answer) {
  const pairs = Array.from({ length: sums / 2 }, (_, index) => index);
  const all = Array.from({ length: sums }, (_, index) => index);
  const results = all.map((index) => {
    const at = `(group * ${sums}u + ${index}u) * QUADS + quad`;
    if (end === 'sine') {
      return `hold(${at}, sine(sum_${index}));`;
    }
    return end === 'raw' ? `raw[${at}] = sum_${index};` : store(`group * ${sums}u + ${index}u`, `sum_${index}`, answer);
  });
  return `  {
    let works = group < ${outputs / sums}u;
    ${all.map((index) => `var sum_${index}: vec4f;`).join(' ')}
    if (works) {
      var at = (${offset + inputs * outputs}u + group * ${sums}u) / 2u;
      ${pairs.map((pair) => `{ let bias = weights[at + ${pair}u]; sum_${2 * pair} = vec4f(bias.x); sum_${2 * pair + 1} = vec4f(bias.y); }`).join('\n      ')}
      at = (${offset}u + group * ${sums}u) / 2u;
      for (var k = 0u; k < ${inputs}u; k++) {
        let value = held_at(k * QUADS + quad);
        ${pairs.map((pair) => `{ let weight = weights[at + ${pair}u]; sum_${2 * pair} += weight.x * value; sum_${2 * pair + 1} += weight.y * value; }`).join('\n        ')}
        at += ${outputs / 2}u;
      }
    }
    workgroupBarrier();
    if (works) {
      ${results.join('\n      ')}
    }
    workgroupBarrier();
  }`;
}

/**
 * Leaves four pixels of a channel for the next level.
 *
 * @param {string} channel
 * @param {string} value
 * @param {number} answer
 */
function store(channel, value, answer) {
  const added =
    answer < 0
      ? ''
      : `if (channel >= ANSWER && channel < ANSWER + 7u) { value += upsampled(FIRST + channel - ANSWER, place); }`;
  return `{ let channel = ${channel}; let place = corner + place_of(quad); var value = ${value}; ${added}
        result[((channel * EDGE + place.y) * EDGE + place.x) / 4u] = value; }`;
}

/**
 * What becomes of a tile's answer.
 *
 * @param {Stage} stage
 * @param {boolean} leavesAnswers
 */
function finish(stage, leavesAnswers) {
  const added =
    stage.kind === 'finest' && stage.answer >= 0
      ? `  for (var i = me; i < ${answerChannels(stage)}u * QUADS; i += ${THREADS}u) {
    raw[i] += upsampled(FIRST + i / QUADS, corner + place_of(i % QUADS));
  }
  workgroupBarrier();
`
      : '';
  const channel = (/** @type {number} */ index) => `raw[${index}u * QUADS + q][l]`;
  const four = (/** @type {number} */ from) => `vec4f(${[0, 1, 2, 3].map((index) => channel(from + index)).join(', ')})`;
  const ends = {
    face: `picture[(place.y + ${FACE_TOP}u) * ${PICTURE}u + place.x + ${FACE_LEFT}u] = ${four(0)};`,
    answers: `let at = 2u * (place.y * EDGE + place.x);
    result[at] = ${four(0)};
    result[at + 1u] = vec4f(${channel(4)}, ${channel(5)}, ${channel(6)}, 1.0);`,
    picture: `let at = place - view.xy;
    if (place.x >= view.x && place.y >= view.y && at.x < view.z && at.y < view.w) {
      let looked_at = vec2f(place) + vec2f(${channel(0)}, ${channel(1)}) * (0.5 * f32(EDGE));
      pixels_[at.y * view.z + at.x] = drawn(looked_at, ${channel(2)}, ${four(3)});
    }`,
  };
  const end = ends[stage.kind === 'face' ? 'face' : leavesAnswers ? 'answers' : 'picture'];
  return `${added}  if (me < PIXELS) {
    let q = me / 4u;
    let l = me % 4u;
    let place = corner + vec2u(me % TILE_WIDTH, me / TILE_WIDTH);
    ${end}
  }`;
}
