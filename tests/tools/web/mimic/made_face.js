// @ts-check
/** A face of 478 points, of which those that are read lie where an adult's do, and which moves as it is told. */

import { AT, POINTS } from '../../../../tools/web/mimic/face_points.js';

/**
 * What it does: lengths in distances of the eyes' outer corners, looks in widths of an eye, angles in degrees.
 * @typedef {Partial<{
 *   open: number, openLeft: number, aside: number, up: number, brow: number, browLeft: number, gap: number,
 *   wide: number, lift: number, x: number, y: number, z: number, scale: number, at: [number, number],
 * }>} Moves
 */

const RADIANS = Math.PI / 180;

/**
 * @param {Moves} [moves] what is different from the neutral face
 * @param {number} [aspect] of the picture
 * @returns {{x: number, y: number, z: number}[]}
 */
export function madeFace(moves = {}, aspect = 4 / 3) {
  const { open = 0.3, aside = 0, up = 0, brow = 0, gap = 0, wide = 0, lift = 0 } = moves;
  /** @type {[number, number, number][]} x to the face's left, y up, z out of the face */
  const points = Array.from({ length: POINTS }, () => [0, 0, 0]);
  const width = 0.33;
  for (const [side, sign] of /** @type {[import('../../../../tools/web/mimic/face_points.js').Side, number][]} */ ([
    [AT.left, 1],
    [AT.right, -1],
  ])) {
    const inner = 0.5 - width;
    const lids = sign > 0 ? (moves.openLeft ?? open) : open;
    points[side.outer] = [sign * 0.5, 0, 0];
    points[side.inner] = [sign * inner, 0, 0.02];
    points[side.upper] = [sign * (inner + width / 2), width * lids * 0.75, 0.05];
    points[side.lower] = [sign * (inner + width / 2), -width * lids * 0.25, 0.05];
    points[side.iris] = [sign * (inner + width / 2) + aside * width, (up + 0.065) * width, 0.06];
    points[side.brow] = [sign * 0.38, 0.26 + (sign > 0 ? (moves.browLeft ?? brow) : brow), 0.06];
    points[side.corner] = [sign * (0.3 + wide / 2), -0.75 + lift - 0.3 * gap, 0.05];
  }
  points[AT.forehead] = [0, 0.6, 0];
  points[AT.chin] = [0, -1.1 - gap, 0];
  points[AT.upperLip] = [0, -0.75, 0.15];
  points[AT.lowerLip] = [0, -0.75 - gap, 0.15];
  points[AT.innerCorners[0]] = [-0.26 - wide / 2, -0.75 - 0.3 * gap, 0.06];
  points[AT.innerCorners[1]] = [0.26 + wide / 2, -0.75 - 0.3 * gap, 0.06];

  const { x = 0, y = 0, z = 0, scale = 0.25, at = [0.5, 0.5] } = moves;
  return points.map((point) => {
    const [px, py, pz] = turned(point, x * RADIANS, y * RADIANS, z * RADIANS);
    return { x: at[0] + scale * px, y: at[1] - scale * aspect * py, z: -scale * pz };
  });
}

/**
 * R = Rz Ry Rx.
 *
 * @param {[number, number, number]} point @param {number} ax @param {number} ay @param {number} az
 */
function turned([x, y, z], ax, ay, az) {
  [y, z] = [y * Math.cos(ax) - z * Math.sin(ax), y * Math.sin(ax) + z * Math.cos(ax)];
  [x, z] = [x * Math.cos(ay) + z * Math.sin(ay), z * Math.cos(ay) - x * Math.sin(ay)];
  return [x * Math.cos(az) - y * Math.sin(az), x * Math.sin(az) + y * Math.cos(az), z];
}
