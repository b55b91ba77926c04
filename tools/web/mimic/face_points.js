// @ts-check
/**
 * What a face looks like, from the 478 points that face_mesh finds in a picture: a few ratios that do not change with
 * the face's size, place or turn, and the turn of the head.
 *
 * @module
 */

/** @typedef {{x: number, y: number, z: number}} Point x and y as shares of the picture, z in the scale of x */
/** @typedef {[number, number, number]} Vector */

/**
 * One eye. Left and right are the face's own.
 * @typedef {object} Eye
 * @property {number} open   gap of the lids / width of the eye
 * @property {number} aside  where the iris is, from 0 at the inner corner to 1 at the outer one
 * @property {number} up     how far the iris is above the line of the corners, in widths of the eye
 * @property {number} lower  how far the lower lid is above that line, in widths of the eye
 * @property {number} brow   how far the brow is above that line / distance of the eyes' outer corners
 * @property {number} corner how far this corner of the mouth is above the lips' middle / distance of the outer corners
 */

/**
 * A face as ratios.
 * @typedef {object} Features
 * @property {Eye} left
 * @property {Eye} right
 * @property {number} open   gap of the lips / width between the inner corners of the mouth
 * @property {number} inner  that width / distance of the eyes' outer corners
 * @property {number} wide   width between the outer corners of the mouth / distance of the eyes' outer corners
 * @property {Vector} turn   of the head about x, y and z in degrees, in a right-handed frame whose x points to the
 *     face's left, y up and z out of the face: looking down, turning left and leaning right are positive.
 *     R = Rz Ry Rx, as FaceCoefficients of the addon has it.
 */

/** How many points there are with irises; without them there are 468. */
export const POINTS = 478;

/** @typedef {Readonly<Record<'inner' | 'outer' | 'upper' | 'lower' | 'iris' | 'brow' | 'corner', number>>} Side */

/**
 * Which points are what (the mesh's numbering is fixed).
 *
 * @type {Readonly<
 *   Record<'forehead' | 'chin' | 'upperLip' | 'lowerLip', number> &
 *   {right: Side, left: Side, innerCorners: readonly number[]}
 * >}
 */
export const AT = Object.freeze({
  right: Object.freeze({ inner: 133, outer: 33, upper: 159, lower: 145, iris: 468, brow: 105, corner: 61 }),
  left: Object.freeze({ inner: 362, outer: 263, upper: 386, lower: 374, iris: 473, brow: 334, corner: 291 }),
  forehead: 10,
  chin: 152,
  upperLip: 13,
  lowerLip: 14,
  innerCorners: Object.freeze([78, 308]),
});

const DEGREES = 180 / Math.PI;
// An opening jaw takes the corners of the mouth along, by about this share of the lips' gap.
const CORNERS_FOLLOW = 0.3;

/** @param {Vector} a @param {Vector} b @returns {Vector} */
const minus = (a, b) => [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
/** @param {Vector} a @param {Vector} b */
const dot = (a, b) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
/** @param {Vector} a @param {Vector} b @returns {Vector} */
const cross = (a, b) => [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
/** @param {Vector} a @param {number} factor @returns {Vector} */
const times = (a, factor) => [a[0] * factor, a[1] * factor, a[2] * factor];
/** @param {Vector} a @returns {Vector} */
const unit = (a) => times(a, 1 / Math.hypot(...a));
/** @param {Vector} a @param {Vector} b @returns {Vector} */
const middle = (a, b) => times([a[0] + b[0], a[1] + b[1], a[2] + b[2]], 0.5);

/**
 * The features of a face; null when the points are none of a face (too few, not finite, all in one place).
 *
 * The ratios are measured in the face's own frame, so that a head that turns or leans does not blink by it.
 *
 * @param {ArrayLike<Point>} points 478 of them
 * @param {number} aspect width / height of the picture
 * @returns {Features | null}
 */
export function featuresOf(points, aspect) {
  if (points.length < POINTS) return null;
  /** @param {number} index @returns {Vector} in widths of the picture; x to its right, y up, z to the camera */
  const place = (index) => [points[index].x, -points[index].y / aspect, -points[index].z];
  const across = minus(place(AT.left.outer), place(AT.right.outer));
  const upward = minus(place(AT.forehead), place(AT.chin));
  const size = Math.hypot(...across);
  if (!(size > 1e-6) || !(Math.hypot(...upward) > 1e-6)) return null;
  const x = unit(across);
  const y = unit(minus(upward, times(x, dot(upward, x))));
  const z = cross(x, y);

  /** @param {number} index @returns {Vector} in the face's frame */
  const at = (index) => {
    const p = place(index);
    return [dot(p, x), dot(p, y), dot(p, z)];
  };
  const upper = at(AT.upperLip);
  const gap = flat(minus(upper, at(AT.lowerLip)));
  const inner = flat(minus(at(AT.innerCorners[0]), at(AT.innerCorners[1])));
  const lips = upper[1] - CORNERS_FOLLOW * gap;

  /** @param {Side} side @returns {Eye} */
  const eye = (side) => {
    const from = at(side.inner);
    const to = at(side.outer);
    const line = minus(to, from);
    const width = flat(line);
    const iris = minus(at(side.iris), from);
    const level = middle(from, to)[1];
    return {
      open: flat(minus(at(side.upper), at(side.lower))) / width,
      aside: (iris[0] * line[0] + iris[1] * line[1]) / (width * width),
      up: (at(side.iris)[1] - level) / width,
      lower: (at(side.lower)[1] - level) / width,
      brow: (at(side.brow)[1] - level) / size,
      corner: (at(side.corner)[1] - lips) / size,
    };
  };
  /** @type {Features} */
  const features = {
    left: eye(AT.left),
    right: eye(AT.right),
    open: gap / inner,
    inner: inner / size,
    wide: flat(minus(at(AT.left.corner), at(AT.right.corner))) / size,
    turn: turnOf([x, y, z]),
  };
  return numbersOf(features).every(Number.isFinite) ? features : null;
}

/**
 * The turn (degrees about x, y, z; R = Rz Ry Rx) of a frame given by its axes: the columns of R.
 *
 * @param {[Vector, Vector, Vector]} axes
 * @returns {Vector}
 */
export function turnOf([x, y, z]) {
  const about_y = -Math.asin(Math.min(1, Math.max(-1, x[2])));
  return times([Math.atan2(y[2], z[2]), about_y, Math.atan2(x[1], x[0])], DEGREES);
}

/**
 * The distance of the eyes' outer corners in widths of the picture: how near a face is.
 *
 * @param {ArrayLike<Point>} points
 */
export function sizeOf(points) {
  const left = points[AT.left.outer];
  const right = points[AT.right.outer];
  return Math.hypot(left.x - right.x, left.y - right.y, left.z - right.z);
}

/**
 * All numbers of some features, in a fixed order.
 *
 * @param {Features} features
 * @returns {number[]}
 */
export function numbersOf(features) {
  const { left, right, open, inner, wide, turn } = features;
  return [...eyeNumbers(left), ...eyeNumbers(right), open, inner, wide, ...turn];
}

/**
 * The features that have these numbers: the inverse of numbersOf.
 *
 * @param {readonly number[]} numbers 18 of them
 * @returns {Features}
 */
export function featuresFrom(numbers) {
  /** @param {number} first @returns {Eye} */
  const eye = (first) => {
    const [open, aside, up, lower, brow, corner] = numbers.slice(first, first + 6);
    return { open, aside, up, lower, brow, corner };
  };
  const [open, inner, wide, ...turn] = numbers.slice(12, 18);
  return { left: eye(0), right: eye(6), open, inner, wide, turn: [turn[0], turn[1], turn[2]] };
}

/** How many numbers features have. */
export const FEATURE_NUMBERS = 18;

/** @param {Eye} eye */
const eyeNumbers = ({ open, aside, up, lower, brow, corner }) => [open, aside, up, lower, brow, corner];

/** @param {Vector} a the length as seen from before the face: its depth is the least certain of what is found */
const flat = (a) => Math.hypot(a[0], a[1]);
