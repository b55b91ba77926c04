// What every picture's pixels are at last, whatever its size.

/**
 * A place in the picture, blend and colour to straight-alpha sRGB. What is bound before: `picture`, an array of vec4f.
 *
 * @param {number} edge of that picture
 */
export function drawn(edge) {
  return `
const LAST = ${edge - 1}u;
fn drawn(place: vec2f, blend: f32, direct: vec4f) -> u32 {
  let at = clamp(place, vec2f(0.0), vec2f(f32(LAST)));
  let near = vec2u(at);
  let far = min(near + 1u, vec2u(LAST));
  let share = at - vec2f(near);
  let warped = mix(mix(picture[near.y * ${edge}u + near.x], picture[near.y * ${edge}u + far.x], share.x),
    mix(picture[far.y * ${edge}u + near.x], picture[far.y * ${edge}u + far.x], share.x), share.y);
  let value = mix(warped, direct, blend) * 0.5 + 0.5;
  let alpha = clamp(value.a, 0.0, 1.0);
  let alpha_byte = round(alpha * 255.0);
  var color = clamp(value.rgb / max(alpha, 1e-6), vec3f(0.0), vec3f(1.0));
  color = select(1.055 * pow(color, vec3f(1.0 / 2.4)) - 0.055, 12.92 * color,
    color <= vec3f(0.003130804953560372));
  if (alpha_byte == 0.0) {
    return 0u;
  }
  return pack4x8unorm(vec4f(color, alpha_byte / 255.0));
}`;
}
