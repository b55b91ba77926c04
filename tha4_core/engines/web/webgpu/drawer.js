// The graphics card's way to draw: fused stages of the networks, the picture's visible tiles alone, and what has not
// changed is not computed again. The twin of the addon's gpu_character.gd.

import { LostError } from '../drawing/drawer.js';
import { isScaled } from '../drawing/pictures.js';
import { EngineError } from '../errors.js';
import { POSE_SIZE } from '../pose.js';
import { FACE_POSE } from '../reading/networks.js';
import { PICTURE } from '../reading/png.js';
import { leanOf } from '../reading/visibility.js';
import { MAP_READ, USAGE, bufferOf, clauseOf, openDevice, programOf } from './device.js';
import { SHOW, SHRINK } from './picture_shaders.js';
import { Plan } from './plan.js';
import { BINDINGS, tileShader } from './tile_shader.js';
import { allTiles, tilesOf } from './tiles.js';
import { tryOut } from './trial.js';

/** @typedef {import('../drawing/drawer.js').Drawer} Drawer */
/** @typedef {import('../drawing/drawer.js').Wishes} Wishes */
/** @typedef {import('../drawing/pictures.js').Picture} Picture */
/** @typedef {import('../drawing/pictures.js').View} View */
/** @typedef {import('../reading/character.js').Character} Character */
/** @typedef {import('./plan.js').Stage} Stage */
/** A stage on the card. @typedef {{ pipeline: GPUComputePipeline, group: GPUBindGroup, tiles: GPUBuffer, count: number }} Work */

const PICTURE_BYTES = 4 * PICTURE * PICTURE;

/**
 * Throws EngineError where there is no graphics card that can draw the character.
 *
 * @param {Character} character
 * @param {Wishes} wishes
 * @returns {Promise<Drawer>}
 */
export async function openWebGpu(character, { precision, isSoftwareGood, onLost }) {
  const device = await openDevice(isSoftwareGood);
  try {
    const drawer = new GpuDrawer(device, character, precision === 'snorm16', onLost);
    await drawer.prepare();
    await tryOut(drawer, character);
    drawer.begin();
    return drawer;
  } catch (error) {
    device.destroy();
    throw error;
  }
}

/** @implements {Drawer} */
class GpuDrawer {
  #device;
  #character;
  #snorm16;
  #plan;
  /** @type {Work[]} */
  #works = [];
  #constants;
  #view;
  #shrunk;
  #shown;
  #pixels;
  #small;
  #copy;
  /** @type {import('./device.js').Program | null} */
  #shrink = null;
  /** @type {GPURenderPipeline | null} */
  #show = null;
  /** @type {OffscreenCanvas | null} */
  #canvas = null;
  #format = globalThis.navigator.gpu.getPreferredCanvasFormat();
  #canShow = true;
  #isReady = false;
  #isLost = false;
  #isClosed = false;
  #problem = '';
  /** Of the face that the picture has, and of the picture that was drawn last: what they were drawn for. */
  #faceKey = '';
  #pictureKey = '';
  #tilesKey = '';

  /**
   * @param {GPUDevice} device
   * @param {Character} character
   * @param {boolean} snorm16
   * @param {() => void} onLost
   */
  constructor(device, character, snorm16, onLost) {
    this.#device = device;
    this.#character = character;
    this.#snorm16 = snorm16;
    this.#plan = new Plan(character, snorm16, device.limits.maxComputeWorkgroupStorageSize);
    const { storage, uniform, copySource, copyTarget, mapRead } = USAGE;
    const size = PICTURE_BYTES;
    this.#constants = bufferOf(device, this.#plan.fold(new Float32Array(POSE_SIZE)), storage);
    this.#view = device.createBuffer({ size: 16, usage: uniform | copyTarget });
    this.#shrunk = device.createBuffer({ size: 16, usage: uniform | copyTarget });
    this.#shown = device.createBuffer({ size: 16, usage: uniform | copyTarget });
    this.#pixels = device.createBuffer({ size, usage: storage | copySource | copyTarget });
    this.#small = device.createBuffer({ size, usage: storage | copySource });
    this.#copy = device.createBuffer({ size, usage: mapRead | copyTarget });
    device.onuncapturederror = ({ error }) => {
      this.#problem ||= clauseOf(error);
    };
    device.lost.then(() => {
      this.#isLost = true;
      if (this.#isReady && !this.#isClosed) {
        onLost();
      }
    });
  }

  get detail() {
    const { vendor = '', architecture = '' } = this.#device.adapterInfo ?? {};
    return `${`${vendor} ${architecture}`.trim() || 'graphics card'}, ${this.#snorm16 ? 16 : 32} bits`;
  }

  /** Makes programs and buffers. Throws EngineError. */
  async prepare() {
    const device = this.#device;
    const { stages } = this.#plan;
    const most = device.limits.maxStorageBufferBindingSize;
    if (stages.some((stage) => 4 * stage.left > most)) {
      throw new EngineError(`the graphics card binds ${most >> 20} MiB at once, and the networks need more.`);
    }
    device.pushErrorScope('out-of-memory');
    device.pushErrorScope('validation');
    const programs = stages.map((stage, index) => programOf(device, `stage ${index}`, tileShader(stage, this.#snorm16)));
    const picture = bufferOf(device, networkPicture(this.#character.picture), USAGE.storage);
    const weights = bufferOf(device, this.#plan.turned(), USAGE.storage);
    /** @type {GPUBuffer | null} */
    let coarse = null;
    for (const [index, stage] of stages.entries()) {
      const { pipeline, layout } = await programs[index];
      const every = allTiles(stage);
      const tiles = bufferOf(device, every, USAGE.storage);
      const result = stage.left ? device.createBuffer({ size: 4 * stage.left, usage: USAGE.storage }) : null;
      /** @type {[number, GPUBuffer][]} */
      const bound = [[BINDINGS.weights, weights], [BINDINGS.constants, this.#constants], [BINDINGS.tiles, tiles]];
      if (stage.readsCoarse) {
        bound.push([BINDINGS.coarse, /** @type {GPUBuffer} */ (coarse)]);
      }
      if (result) {
        bound.push([BINDINGS.result, result]);
      } else {
        bound.push([BINDINGS.picture, picture]);
      }
      if (stage.kind === 'finest') {
        bound.push([BINDINGS.target, this.#pixels], [BINDINGS.view, this.#view]);
      }
      const entries = bound.map(([binding, buffer]) => ({ binding, resource: { buffer } }));
      this.#works.push({ pipeline, tiles, count: every.length, group: device.createBindGroup({ layout, entries }) });
      coarse = result;
    }
    const flaws = [await device.popErrorScope(), await device.popErrorScope()].filter((flaw) => flaw !== null);
    if (flaws.length) {
      throw new EngineError(`the graphics card cannot hold the character (${clauseOf(flaws[0])}).`);
    }
  }

  /** From now on it is in use: that it is lost is told. */
  begin() {
    this.#isReady = true;
  }

  /**
   * @param {Float32Array<ArrayBuffer>} pose
   * @param {View} view
   * @returns {Promise<Picture>}
   */
  async render(pose, view) {
    return this.#guarded(async () => {
      const encoder = this.#device.createCommandEncoder();
      const source = await this.#encode(encoder, pose, view);
      const [width, height] = view.size;
      const size = 4 * width * height;
      encoder.copyBufferToBuffer(source, 0, this.#copy, 0, size);
      this.#device.queue.submit([encoder.finish()]);
      await this.#copy.mapAsync(MAP_READ, 0, size);
      const data = new Uint8ClampedArray(this.#copy.getMappedRange(0, size).slice(0));
      this.#copy.unmap();
      return { width, height, data };
    });
  }

  /**
   * @param {Float32Array<ArrayBuffer>} pose
   * @param {View} view
   * @returns {Promise<ImageBitmap>}
   */
  async bitmap(pose, view) {
    if (this.#canShow) {
      try {
        return await this.#shownBitmap(pose, view);
      } catch (error) {
        if (error instanceof LostError || error instanceof EngineError) {
          throw error;
        }
        // Not every browser's WebGPU draws for bitmaps; then the picture is read back.
        this.#canShow = false;
      }
    }
    const { width, height, data } = await this.render(pose, view);
    return createImageBitmap(new ImageData(data, width, height));
  }

  /**
   * A picture that does not leave the graphics card.
   *
   * @param {Float32Array<ArrayBuffer>} pose
   * @param {View} view
   * @returns {Promise<ImageBitmap>}
   */
  async #shownBitmap(pose, view) {
    return this.#guarded(async () => {
      const device = this.#device;
      const encoder = device.createCommandEncoder();
      const source = await this.#encode(encoder, pose, view);
      const show = await this.#showing();
      const [width, height] = view.size;
      const canvas = (this.#canvas ??= this.#newCanvas());
      if (canvas.width !== width || canvas.height !== height) {
        canvas.width = width;
        canvas.height = height;
      }
      const context = /** @type {GPUCanvasContext} */ (/** @type {unknown} */ (canvas.getContext('webgpu')));
      device.queue.writeBuffer(this.#shown, 0, Uint32Array.of(width, height, 0, 0));
      const entries = [source, this.#shown].map((buffer, binding) => ({ binding, resource: { buffer } }));
      const pass = encoder.beginRenderPass({
        colorAttachments: [{ view: context.getCurrentTexture().createView(), loadOp: 'clear', storeOp: 'store' }],
      });
      pass.setPipeline(show);
      pass.setBindGroup(0, device.createBindGroup({ layout: show.getBindGroupLayout(0), entries }));
      pass.draw(3);
      pass.end();
      device.queue.submit([encoder.finish()]);
      const bitmap = canvas.transferToImageBitmap();
      // So that pictures do not pile up, and for the time it took.
      await device.queue.onSubmittedWorkDone();
      return bitmap;
    });
  }

  close() {
    this.#isClosed = true;
    this.#device.destroy();
  }

  /**
   * @template Result
   * @param {() => Promise<Result>} work
   * @returns {Promise<Result>}
   */
  async #guarded(work) {
    try {
      const result = await work();
      if (this.#problem) {
        throw new EngineError(`the graphics card failed (${this.#problem}).`);
      }
      if (this.#isLost) {
        throw new LostError();
      }
      return result;
    } catch (error) {
      // What fails because the device is gone may fail a moment before that is told.
      await Promise.race([this.#device.lost, new Promise((resolve) => setTimeout(resolve, 50))]);
      this.#pictureKey = '';
      this.#faceKey = '';
      throw this.#isLost ? new LostError() : error;
    }
  }

  /**
   * Records what draws a picture; the buffer in which it then lies.
   *
   * @param {GPUCommandEncoder} encoder
   * @param {Float32Array<ArrayBuffer>} pose
   * @param {View} view
   */
  async #encode(encoder, pose, view) {
    const { region, size } = view;
    const device = this.#device;
    const shrink = isScaled(view) ? await this.#shrinking() : null;
    const pictureKey = `${pose.join()} ${region.join()}`;
    const faceKey = pose.subarray(0, FACE_POSE).join();
    if (pictureKey !== this.#pictureKey) {
      device.queue.writeBuffer(this.#constants, 0, this.#plan.fold(pose));
      device.queue.writeBuffer(this.#view, 0, Uint32Array.from(region));
      this.#chooseTiles(region, leanOf(pose));
      // What cannot be seen is transparent.
      encoder.clearBuffer(this.#pixels, 0, 4 * region[2] * region[3]);
      const pass = encoder.beginComputePass();
      this.#works.forEach(({ pipeline, group, count }, index) => {
        if (count > 0 && (index > 0 || faceKey !== this.#faceKey)) {
          pass.setPipeline(pipeline);
          pass.setBindGroup(0, group);
          pass.dispatchWorkgroups(count);
        }
      });
      pass.end();
      this.#pictureKey = pictureKey;
      this.#faceKey = faceKey;
    }
    if (!shrink) {
      return this.#pixels;
    }
    device.queue.writeBuffer(this.#shrunk, 0, Uint32Array.of(region[2], region[3], ...size));
    const entries = [this.#pixels, this.#small, this.#shrunk].map((buffer, binding) => ({ binding, resource: { buffer } }));
    const pass = encoder.beginComputePass();
    pass.setPipeline(shrink.pipeline);
    pass.setBindGroup(0, device.createBindGroup({ layout: shrink.layout, entries }));
    pass.dispatchWorkgroups(Math.ceil(size[0] / 8), Math.ceil(size[1] / 8));
    pass.end();
    return this.#small;
  }

  /**
   * @param {View['region']} region
   * @param {number} lean
   */
  #chooseTiles(region, lean) {
    const key = `${region.join()} ${lean}`;
    if (key === this.#tilesKey) {
      return;
    }
    this.#tilesKey = key;
    tilesOf(this.#plan.stages.slice(1), region, this.#character.masks, lean).forEach((tiles, index) => {
      const work = this.#works[index + 1];
      work.count = tiles.length;
      this.#device.queue.writeBuffer(work.tiles, 0, tiles);
    });
  }

  async #shrinking() {
    this.#shrink ??= await programOf(this.#device, 'shrink', SHRINK);
    return this.#shrink;
  }

  async #showing() {
    const module = this.#device.createShaderModule({ label: 'show', code: SHOW });
    this.#show ??= await this.#device.createRenderPipelineAsync({
      layout: 'auto',
      vertex: { module },
      fragment: { module, targets: [{ format: this.#format }] },
    });
    return this.#show;
  }

  #newCanvas() {
    const canvas = new OffscreenCanvas(1, 1);
    const context = /** @type {GPUCanvasContext | null} */ (/** @type {unknown} */ (canvas.getContext('webgpu')));
    if (!context) {
      throw new TypeError('there is no such context');
    }
    context.configure({ device: this.#device, format: this.#format, alphaMode: 'premultiplied' });
    return canvas;
  }
}

/**
 * The picture as the networks see it: linear light, premultiplied, from -1 to 1, [512][512][4].
 *
 * @param {Uint8Array} pixels straight-alpha sRGB
 * @returns {Float32Array<ArrayBuffer>}
 */
function networkPicture(pixels) {
  const linear = Float64Array.from({ length: 256 }, (_, byte) => {
    const value = byte / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  const picture = new Float32Array(pixels.length);
  for (let at = 0; at < pixels.length; at += 4) {
    const alpha = pixels[at + 3] / 255;
    for (let channel = 0; channel < 3; channel += 1) {
      picture[at + channel] = 2 * linear[pixels[at + channel]] * alpha - 1;
    }
    picture[at + 3] = 2 * alpha - 1;
  }
  return picture;
}
