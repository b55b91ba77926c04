// A character's networks on the graphics card, stage by stage: the visible tiles of a region alone, and a face that has
// not changed is not computed again.

import { EngineError } from '../errors.js';
import { POSE_SIZE } from '../pose.js';
import { FACE_POSE } from '../reading/networks.js';
import { leanOf } from '../reading/visibility.js';
import { USAGE, bufferOf, programOf } from './device.js';
import { networkPicture } from './network_picture.js';
import { Plan } from './plan.js';
import { BINDINGS, tileShader } from './tile_shader.js';
import { allTiles, tilesOf } from './tiles.js';

/** @typedef {import('../reading/character.js').Character} Character */
/** @typedef {import('../reading/details.js').Region} Region */
/** @typedef {import('./device.js').Program} Program */
/** @typedef {import('./plan.js').Stage} Stage */
/**
 * A stage on the card.
 *
 * @typedef {{ pipeline: GPUComputePipeline, group: GPUBindGroup, tiles: GPUBuffer, count: number,
 *   result: GPUBuffer | null }} Work
 */
/** Where the finest stage draws a picture, and what of it. @typedef {{ pixels: GPUBuffer, view: GPUBuffer }} Target */

export class Stages {
  #device;
  #masks;
  #snorm16;
  #plan;
  #target;
  /** @type {Work[]} */
  #works = [];
  /** What takes the place of the last one where answers are wanted. @type {Work | null} */
  #answering = null;
  #constants;
  #weights;
  /** Of the face that the picture has: what it was painted for. */
  #faceKey = '';
  #tilesKey = '';
  /** The character's picture, with the face that was painted last. */
  picture;

  /**
   * Throws EngineError when the graphics card cannot draw these networks.
   *
   * @param {GPUDevice} device
   * @param {Character} character
   * @param {boolean} snorm16 whether activations have 16 bits
   * @param {Target} target
   */
  constructor(device, character, snorm16, target) {
    this.#device = device;
    this.#masks = character.masks;
    this.#snorm16 = snorm16;
    this.#target = target;
    this.#plan = new Plan(character, snorm16, device.limits.maxComputeWorkgroupStorageSize);
    this.#constants = bufferOf(device, this.#plan.fold(new Float32Array(POSE_SIZE)), USAGE.storage);
    this.#weights = bufferOf(device, this.#plan.turned(), USAGE.storage);
    this.picture = bufferOf(device, networkPicture(character.picture), USAGE.storage);
  }

  /** Makes programs and buffers. Throws EngineError. */
  async prepare() {
    const { stages } = this.#plan;
    const most = this.#device.limits.maxStorageBufferBindingSize;
    if (stages.some((stage) => 4 * stage.left > most)) {
      throw new EngineError(`the graphics card binds ${most >> 20} MiB at once, and the networks need more.`);
    }
    const programs = stages.map((stage, index) => this.#program(`stage ${index}`, stage, false));
    for (const [index, stage] of stages.entries()) {
      const tiles = bufferOf(this.#device, allTiles(stage), USAGE.storage);
      const result = stage.left ? this.#device.createBuffer({ size: 4 * stage.left, usage: USAGE.storage }) : null;
      this.#works.push(this.#workOf(await programs[index], stage, tiles, result));
    }
  }

  /**
   * Makes what leaves answers in a buffer. Throws EngineError.
   *
   * @param {GPUBuffer} answers
   */
  async leaveAnswersIn(answers) {
    const stage = /** @type {Stage} */ (this.#plan.stages.at(-1));
    const { tiles } = /** @type {Work} */ (this.#works.at(-1));
    this.#answering = this.#workOf(await this.#program('answers', stage, true), stage, tiles, answers);
  }

  /** Nothing is known of what was painted. */
  forget() {
    this.#faceKey = '';
  }

  /**
   * Takes a pose, and a region of which is computed what can be seen; what tells apart the tiles of that.
   *
   * @param {Float32Array<ArrayBuffer>} pose
   * @param {Region} region
   */
  take(pose, region) {
    const lean = leanOf(pose);
    const key = `${region.join()} ${lean}`;
    this.#device.queue.writeBuffer(this.#constants, 0, this.#plan.fold(pose));
    if (key !== this.#tilesKey) {
      this.#tilesKey = key;
      tilesOf(this.#plan.stages.slice(1), region, this.#masks, lean).forEach((tiles, index) => {
        const work = this.#works[index + 1];
        work.count = tiles.length;
        this.#device.queue.writeBuffer(work.tiles, 0, tiles);
      });
    }
    return key;
  }

  /**
   * Records what computes the pose that was taken.
   *
   * @param {GPUComputePassEncoder} pass
   * @param {Float32Array} pose
   * @param {boolean} leavesAnswers whether the finest stage leaves its answers, in place of drawing
   */
  record(pass, pose, leavesAnswers) {
    const faceKey = faceKeyOf(pose);
    this.#works.forEach((work, index) => {
      if (work.count > 0 && (index > 0 || faceKey !== this.#faceKey)) {
        const isLast = index === this.#works.length - 1;
        run(pass, isLast && leavesAnswers ? /** @type {Work} */ (this.#answering) : work, work.count);
      }
    });
    this.#faceKey = faceKey;
  }

  /** Records what paints the resting face. @param {GPUCommandEncoder} encoder */
  paintResting(encoder) {
    const pose = new Float32Array(POSE_SIZE);
    this.#device.queue.writeBuffer(this.#constants, 0, this.#plan.fold(pose));
    const pass = encoder.beginComputePass();
    run(pass, this.#works[0], this.#works[0].count);
    pass.end();
    this.#faceKey = faceKeyOf(pose);
  }

  /**
   * @param {string} label
   * @param {Stage} stage
   * @param {boolean} leavesAnswers
   */
  #program(label, stage, leavesAnswers) {
    return programOf(this.#device, label, tileShader(stage, this.#snorm16, leavesAnswers));
  }

  /**
   * A stage's work, which reads what the one before leaves.
   *
   * @param {Program} program
   * @param {Stage} stage
   * @param {GPUBuffer} tiles
   * @param {GPUBuffer | null} result where it leaves something; null: it draws
   * @returns {Work}
   */
  #workOf({ pipeline, layout }, stage, tiles, result) {
    const index = this.#plan.stages.indexOf(stage);
    /** @type {[number, GPUBuffer][]} */
    const bound = [[BINDINGS.weights, this.#weights], [BINDINGS.constants, this.#constants], [BINDINGS.tiles, tiles]];
    if (stage.readsCoarse) {
      bound.push([BINDINGS.coarse, /** @type {GPUBuffer} */ (this.#works[index - 1].result)]);
    }
    if (result) {
      bound.push([BINDINGS.result, result]);
    } else {
      bound.push([BINDINGS.picture, this.picture]);
      if (stage.kind === 'finest') {
        bound.push([BINDINGS.target, this.#target.pixels], [BINDINGS.view, this.#target.view]);
      }
    }
    const entries = bound.map(([binding, buffer]) => ({ binding, resource: { buffer } }));
    const group = this.#device.createBindGroup({ layout, entries });
    return { pipeline, tiles, count: allTiles(stage).length, group, result };
  }
}

/**
 * What tells apart faces.
 *
 * @param {Float32Array} pose
 */
export function faceKeyOf(pose) {
  return pose.subarray(0, FACE_POSE).join();
}

/**
 * @param {GPUComputePassEncoder} pass
 * @param {Work} work
 * @param {number} count of tiles
 */
function run(pass, { pipeline, group }, count) {
  pass.setPipeline(pipeline);
  pass.setBindGroup(0, group);
  pass.dispatchWorkgroups(count);
}
