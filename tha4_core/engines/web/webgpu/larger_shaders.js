// Pictures of twice and four times the size on the graphics card (docs/HD.md). The twins of the addon's
// larger_drawing.gdshaderinc, larger_face.gdshaderinc and larger.gdshaderinc.

import { FACE_GRID, FACE_LEFT, FACE_TOP } from '../reading/networks.js';
import { PICTURE } from '../reading/png.js';
import { drawn } from './drawn.js';

/**
 * The difference from the resting face, the most of a pixel and its neighbours, from which the drawing's detail fades, and
 * at which it is gone.
 */
const FADE = [0.2, 0.8];
/**
 * Flows of neighbours that differ by more (4 of the picture's pixels) lead to different things: no pixel between them
 * looks at what lies between those.
 */
const JUMP = 8 / PICTURE;

/**
 * A drawing as the networks see it; of one that is larger still, the means of `by` by `by` pixels.
 *
 * @param {number} edge of what it becomes
 * @param {number} by
 */
export function drawingShader(edge, by) {
  return `
@group(0) @binding(0) var<storage, read> bytes: array<u32>;
@group(0) @binding(1) var<storage, read> linear: array<f32>;
@group(0) @binding(2) var<storage, read_write> larger: array<vec4f>;

@compute @workgroup_size(8, 8) fn main(@builtin(global_invocation_id) place: vec3u) {
  var sum = vec4f(0.0);
  for (var y = 0u; y < ${by}u; y++) {
    for (var x = 0u; x < ${by}u; x++) {
      let pixel = bytes[(place.y * ${by}u + y) * ${edge * by}u + place.x * ${by}u + x];
      let alpha = f32(pixel >> 24u) / 255.0;
      let color = vec3f(linear[pixel & 0xffu], linear[(pixel >> 8u) & 0xffu], linear[(pixel >> 16u) & 0xffu]);
      sum += vec4f(color * alpha, alpha);
    }
  }
  larger[place.y * ${edge}u + place.x] = 2.0 * sum / ${by * by}.0 - 1.0;
}`;
}

/**
 * The face that the picture shows, painted into the larger one: enlarged, with the drawing's own detail as far as a pose
 * changes nothing. Or what comes before that, while the picture shows the resting face: what the drawing has beyond it.
 *
 * @param {number} times how many times as large as the picture the larger one is
 * @param {boolean} isRest
 */
export function faceShader(times, isRest) {
  const larger = `larger[(${times * FACE_TOP}u + place.y) * ${times * PICTURE}u + ${times * FACE_LEFT}u + place.x]`;
  const detail = `detail[place.y * ${times * FACE_GRID}u + place.x]`;
  const kept = `
fn kept(near: vec2i) -> f32 {
  let place = inside(near);
  var most = 0.0;
  // Beside a line that went, too: its own detail reaches there.
  for (var i = 0; i < 9; i++) {
    let beside = inside(place + vec2i(i % 3, i / 3) - 1);
    let change = abs(face_at(beside) - rest[beside.y * ${FACE_GRID} + beside.x]);
    most = max(most, max(max(change.r, change.g), max(change.b, change.a)));
  }
  return 1.0 - clamp((most - ${FADE[0]}) / ${FADE[1] - FADE[0]}, 0.0, 1.0);
}`;
  const resting = `${detail} = ${larger} - value;
  if (all(place.xy % ${times}u == vec2u(0u))) {
    let small = vec2i(place.xy / ${times}u);
    rest[small.y * ${FACE_GRID} + small.x] = face_at(small);
  }`;
  const painted = `let stays = mix(mix(kept(near), kept(near + vec2i(1, 0)), share.x),
    mix(kept(near + vec2i(0, 1)), kept(near + vec2i(1, 1)), share.x), share.y);
  ${larger} = value + stays * ${detail};`;
  return `
@group(0) @binding(0) var<storage, read> picture: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> larger: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> detail: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> rest: array<vec4f>;

fn inside(place: vec2i) -> vec2i {
  return clamp(place, vec2i(0), vec2i(${FACE_GRID - 1}));
}
fn face_at(place: vec2i) -> vec4f {
  return picture[(${FACE_TOP} + place.y) * ${PICTURE} + ${FACE_LEFT} + place.x];
}
// Catmull-Rom's weights.
fn taps(t: f32) -> vec4f {
  return vec4f(((-0.5 * t + 1.0) * t - 0.5) * t, (1.5 * t - 2.5) * t * t + 1.0, ((-1.5 * t + 2.0) * t + 0.5) * t,
    (0.5 * t - 0.5) * t * t);
}
${isRest ? '' : kept}
@compute @workgroup_size(8, 8) fn main(@builtin(global_invocation_id) place: vec3u) {
  let at = (vec2f(place.xy) + 0.5) / ${times}.0 - 0.5;
  let near = vec2i(floor(at));
  let share = at - vec2f(near);
  let columns = taps(share.x);
  let rows = taps(share.y);
  var value = vec4f(0.0);
  for (var y = 0; y < 4; y++) {
    for (var x = 0; x < 4; x++) {
      value += rows[y] * columns[x] * face_at(inside(near + vec2i(x, y) - 1));
    }
  }
  ${isRest ? resting : painted}
}`;
}

/**
 * A region of a larger picture: the body's answers, made larger, move a picture of any size.
 *
 * @param {number} scale
 * @param {number} edge of the picture that is moved
 */
export function movingShader(scale, edge) {
  return `
struct View { corner: vec2u, size: vec2u }
@group(0) @binding(0) var<storage, read> answers: array<vec4f>;
@group(0) @binding(1) var<storage, read> picture: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> pixels_: array<u32>;
@group(0) @binding(3) var<uniform> view: View;
${drawn(edge)}
// Where the answer of a pixel lies; of one that cannot be seen the pixel's own stands for it.
fn answer_at(place: vec2i, own: i32) -> i32 {
  let inside = clamp(place, vec2i(0), vec2i(${PICTURE - 1}));
  let at = 2 * (inside.y * ${PICTURE} + inside.x);
  return select(at, own, answers[at + 1].w == 0.0);
}

@compute @workgroup_size(8, 8) fn main(@builtin(global_invocation_id) me: vec3u) {
  if (any(me.xy >= view.size)) {
    return;
  }
  let whole = vec2i(view.corner + me.xy);
  let own = 2 * (whole.y / ${scale} * ${PICTURE} + whole.x / ${scale});
  let target_ = me.y * view.size.x + me.x;
  if (answers[own + 1].w == 0.0) {
    pixels_[target_] = 0u;
    return;
  }
  let between = (vec2f(whole) + 0.5) / ${scale}.0 - 0.5;
  let base = vec2i(floor(between));
  let part = between - vec2f(base);
  var at: array<i32, 4>;
  for (var i = 0; i < 4; i++) {
    at[i] = answer_at(base + vec2i(i & 1, i >> 1), own);
  }
  var first = mix(mix(answers[at[0]], answers[at[1]], part.x), mix(answers[at[2]], answers[at[3]], part.x), part.y);
  let flows = array(answers[at[0]].xy, answers[at[1]].xy, answers[at[2]].xy, answers[at[3]].xy);
  let least = min(min(flows[0], flows[1]), min(flows[2], flows[3]));
  let most = max(max(flows[0], flows[1]), max(flows[2], flows[3]));
  if (any(most - least > vec2f(${JUMP}))) {
    let nearest = select(1, 0, part.x < 0.5) + select(2, 0, part.y < 0.5);
    first = vec4f(answers[at[nearest]].xy, first.zw);
  }
  let second = mix(mix(answers[at[0] + 1], answers[at[1] + 1], part.x),
    mix(answers[at[2] + 1], answers[at[3] + 1], part.x), part.y);
  let looked_at = (vec2f(whole) + 0.5) * ${edge / (scale * PICTURE)} - 0.5 + first.xy * ${edge / 2}.0;
  pixels_[target_] = drawn(looked_at, first.z, vec4f(first.w, second.xyz));
}`;
}
