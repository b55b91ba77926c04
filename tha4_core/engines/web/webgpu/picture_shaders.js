// What is done with a drawn picture on the graphics card: it is made smaller, and shown.

/** A picture at a smaller size: Hamming's filter, colours weighed by alpha. The twin of the addon's shrink.gdshaderinc. */
export const SHRINK = `
struct Sizes { region: vec2u, size: vec2u }
@group(0) @binding(0) var<storage, read> source: array<u32>;
@group(0) @binding(1) var<storage, read_write> target_: array<u32>;
@group(0) @binding(2) var<uniform> sizes: Sizes;

fn weight(distance_: f32) -> f32 {
  let x = abs(distance_) * 3.14159265358979;
  if (x == 0.0) {
    return 1.0;
  }
  return select(sin(x) / x * (0.54 + 0.46 * cos(x)), 0.0, x >= 3.14159265358979);
}

@compute @workgroup_size(8, 8) fn main(@builtin(global_invocation_id) place: vec3u) {
  if (any(place.xy >= sizes.size)) {
    return;
  }
  let ratio = vec2f(sizes.region) / vec2f(sizes.size);
  let width = max(ratio, vec2f(1.0));
  let center = (vec2f(place.xy) + 0.5) * ratio;
  let first = vec2u(max(vec2i(floor(center - width + 0.5)), vec2i(0)));
  let end = min(vec2u(center + width + 0.5), sizes.region);
  var sum = vec4f(0.0);
  var total = vec2f(0.0);
  for (var x = first.x; x < end.x; x++) {
    total.x += weight((f32(x) - center.x + 0.5) / width.x);
  }
  for (var y = first.y; y < end.y; y++) {
    let row = weight((f32(y) - center.y + 0.5) / width.y);
    total.y += row;
    for (var x = first.x; x < end.x; x++) {
      let value = unpack4x8unorm(source[y * sizes.region.x + x]);
      sum += row * weight((f32(x) - center.x + 0.5) / width.x) * vec4f(value.rgb * value.a, value.a);
    }
  }
  sum /= total.x * total.y;
  var drawn = vec4f(0.0);
  if (round(sum.a * 255.0) > 0.0) {
    drawn = vec4f(clamp(sum.rgb / sum.a, vec3f(0.0), vec3f(1.0)), sum.a);
  }
  target_[place.y * sizes.size.x + place.x] = pack4x8unorm(drawn);
}`;

/** A picture onto a canvas, whose colours are premultiplied. */
export const SHOW = `
@group(0) @binding(0) var<storage, read> source: array<u32>;
@group(0) @binding(1) var<uniform> sizes: vec4u;

@vertex fn corner(@builtin(vertex_index) index: u32) -> @builtin(position) vec4f {
  return vec4f(f32(i32(index) / 2) * 4.0 - 1.0, f32(i32(index) % 2) * 4.0 - 1.0, 0.0, 1.0);
}

@fragment fn color(@builtin(position) place: vec4f) -> @location(0) vec4f {
  let value = unpack4x8unorm(source[u32(place.y) * sizes.x + u32(place.x)]);
  return vec4f(value.rgb * value.a, value.a);
}`;
