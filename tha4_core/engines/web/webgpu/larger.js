// What draws a character's pictures at twice or four times the size on the graphics card: its larger drawing, with the
// face painted in, is moved by the same networks' answers. The twin of the addon's gpu_larger.gd.

import { FACE_GRID } from '../reading/networks.js';
import { PICTURE } from '../reading/png.js';
import { USAGE, bufferOf, programOf } from './device.js';
import { drawingShader, faceShader, movingShader } from './larger_shaders.js';
import { LINEAR } from './network_picture.js';
import { faceKeyOf } from './stages.js';

/** Bytes of a pixel that is a vector of four numbers, and of one in a picture. */
const VECTOR = 16;
const BYTE_PIXEL = 4;

/** @typedef {import('../drawing/pictures.js').Times} Times */
/** @typedef {import('../reading/bytes.js').Bytes} Bytes */
/** @typedef {import('../reading/details.js').Region} Region */
/** @typedef {import('./device.js').Program} Program */
/** @typedef {import('./stages.js').Stages} Stages */
/** A dispatch of 8 by 8 pixels a group. @typedef {{ pipeline: GPUComputePipeline, group: GPUBindGroup, groups: number }} Work */

/**
 * A region and one pixel more on each side, where there is one: between those lie a larger picture's pixels.
 *
 * @param {Region} region
 * @returns {Region}
 */
export function grown([x, y, width, height]) {
  const [left, top] = [Math.max(x - 1, 0), Math.max(y - 1, 0)];
  return [left, top, Math.min(x + width + 1, PICTURE) - left, Math.min(y + height + 1, PICTURE) - top];
}

export class GpuLarger {
  #device;
  #times;
  /** @type {GPUBuffer[]} */
  #made = [];
  /** @type {Work | null} */
  #painting = null;
  /** @type {Program | null} */
  #moving = null;
  /** @type {GPUBindGroup | null} */
  #movingGroup = null;
  #view;
  /** @type {GPUBuffer | null} */
  #copy = null;
  #faceKey = '';
  #tilesKey = '';
  /** What the body's finest stage leaves: two vectors for each pixel of the picture. */
  answers;
  /** Where a picture is when it is drawn. */
  pixels;

  /**
   * @param {GPUDevice} device
   * @param {Times} times
   */
  constructor(device, times) {
    this.#device = device;
    this.#times = times;
    const { storage, uniform, copySource, copyTarget } = USAGE;
    this.answers = this.#buffer(2 * VECTOR * PICTURE * PICTURE, storage | copyTarget);
    this.pixels = this.#buffer(BYTE_PIXEL * (times * PICTURE) ** 2, storage | copySource);
    this.#view = this.#buffer(16, uniform | copyTarget);
  }

  /**
   * Makes programs and buffers. Throws EngineError.
   *
   * @param {Bytes | null} drawing the character's larger drawing; null: its picture is enlarged
   * @param {Stages} stages which leave their answers here, and paint the face
   */
  async prepare(drawing, stages) {
    const edge = drawing ? Math.min(this.#times * PICTURE, Math.sqrt(drawing.length / 4)) : PICTURE;
    const moved = drawing ? await this.#prepareDrawing(drawing, edge, stages) : stages.picture;
    this.#moving = await programOf(this.#device, 'larger picture', movingShader(this.#times, edge));
    this.#movingGroup = this.#groupOf(this.#moving, [this.answers, moved, this.pixels, this.#view]);
  }

  /**
   * Called before tiles leave their answers: what other tiles left is not there any more.
   *
   * @param {GPUCommandEncoder} encoder
   * @param {string} key what tells apart tiles
   */
  begin(encoder, key) {
    if (key !== this.#tilesKey) {
      encoder.clearBuffer(this.answers);
      this.#tilesKey = key;
    }
  }

  /**
   * Records what draws a region when the answers are there, and the face is painted.
   *
   * @param {GPUComputePassEncoder} pass
   * @param {Float32Array} pose
   * @param {Region} region
   */
  finish(pass, pose, region) {
    const faceKey = faceKeyOf(pose);
    if (this.#painting && faceKey !== this.#faceKey) {
      dispatch(pass, this.#painting);
      this.#faceKey = faceKey;
    }
    const [x, y, width, height] = region.map((number) => this.#times * number);
    this.#device.queue.writeBuffer(this.#view, 0, Uint32Array.of(x, y, width, height));
    pass.setPipeline(/** @type {Program} */ (this.#moving).pipeline);
    pass.setBindGroup(0, this.#movingGroup);
    pass.dispatchWorkgroups(Math.ceil(width / 8), Math.ceil(height / 8));
  }

  /** Nothing is known of what was painted. */
  forget() {
    this.#faceKey = '';
    this.#tilesKey = '';
  }

  /** Where pictures are read back. */
  get copy() {
    this.#copy ??= this.#buffer(this.pixels.size, USAGE.mapRead | USAGE.copyTarget);
    return this.#copy;
  }

  close() {
    this.#made.forEach((buffer) => buffer.destroy());
  }

  /**
   * The larger picture, and what paints faces into it.
   *
   * @param {Bytes} drawing
   * @param {number} edge
   * @param {Stages} stages
   */
  async #prepareDrawing(drawing, edge, stages) {
    const device = this.#device;
    const { storage } = USAGE;
    const times = edge / PICTURE;
    const by = Math.sqrt(drawing.length / 4) / edge;
    const side = times * FACE_GRID;
    const larger = this.#buffer(VECTOR * edge * edge, storage);
    const detail = this.#buffer(VECTOR * side * side, storage);
    const rest = this.#buffer(VECTOR * FACE_GRID * FACE_GRID, storage);
    const [decoding, resting, painting] = await Promise.all([
      programOf(device, 'larger drawing', drawingShader(edge, by)),
      programOf(device, 'resting face', faceShader(times, true)),
      programOf(device, 'larger face', faceShader(times, false)),
    ]);
    const bytes = bufferOf(device, new Uint32Array(drawing.buffer, drawing.byteOffset, drawing.length / 4), storage);
    const linear = bufferOf(device, LINEAR, storage);
    const faces = [stages.picture, larger, detail, rest];
    const work = (/** @type {Program} */ program, /** @type {GPUBuffer[]} */ buffers, /** @type {number} */ pixels) => ({
      pipeline: program.pipeline,
      group: this.#groupOf(program, buffers),
      groups: pixels / 8,
    });
    const encoder = device.createCommandEncoder();
    stages.paintResting(encoder);
    const pass = encoder.beginComputePass();
    dispatch(pass, work(decoding, [bytes, linear, larger], edge));
    dispatch(pass, work(resting, faces, side));
    pass.end();
    device.queue.submit([encoder.finish()]);
    // What is under way still has them.
    bytes.destroy();
    linear.destroy();
    this.#painting = work(painting, faces, side);
    return larger;
  }

  /**
   * @param {Program} program
   * @param {GPUBuffer[]} buffers
   */
  #groupOf({ layout }, buffers) {
    const entries = buffers.map((buffer, binding) => ({ binding, resource: { buffer } }));
    return this.#device.createBindGroup({ layout, entries });
  }

  /**
   * @param {number} size
   * @param {number} usage
   */
  #buffer(size, usage) {
    const buffer = this.#device.createBuffer({ size, usage });
    this.#made.push(buffer);
    return buffer;
  }
}

/**
 * @param {GPUComputePassEncoder} pass
 * @param {Work} work
 */
function dispatch(pass, { pipeline, group, groups }) {
  pass.setPipeline(pipeline);
  pass.setBindGroup(0, group);
  pass.dispatchWorkgroups(groups, groups);
}
