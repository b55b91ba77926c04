// The graphics card's way to draw: fused stages of the networks, the picture's visible tiles alone, and what has not
// changed is not computed again. The twin of the addon's gpu_character.gd.

import { LostError } from '../drawing/drawer.js';
import { isShrunk } from '../drawing/pictures.js';
import { EngineError } from '../errors.js';
import { PICTURE } from '../reading/png.js';
import { MAP_READ, USAGE, clauseOf, made, openDevice, programOf } from './device.js';
import { GpuLarger, grown } from './larger.js';
import { SHOW, SHRINK } from './picture_shaders.js';
import { Stages } from './stages.js';
import { tryOut } from './trial.js';

/** @typedef {import('../drawing/drawer.js').Drawer} Drawer */
/** @typedef {import('../drawing/drawer.js').Wishes} Wishes */
/** @typedef {import('../drawing/pictures.js').Picture} Picture */
/** @typedef {import('../drawing/pictures.js').Times} Times */
/** @typedef {import('../drawing/pictures.js').View} View */
/** @typedef {import('../reading/bytes.js').Bytes} Bytes */
/** @typedef {import('../reading/character.js').Character} Character */

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
  #snorm16;
  #stages;
  /** What draws larger pictures, while such are wanted. @type {GpuLarger | null} */
  #larger = null;
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
  /** What the last picture was drawn for. */
  #pictureKey = '';

  /**
   * @param {GPUDevice} device
   * @param {Character} character
   * @param {boolean} snorm16
   * @param {() => void} onLost
   */
  constructor(device, character, snorm16, onLost) {
    this.#device = device;
    this.#snorm16 = snorm16;
    const { storage, uniform, copySource, copyTarget, mapRead } = USAGE;
    const size = PICTURE_BYTES;
    this.#view = device.createBuffer({ size: 16, usage: uniform | copyTarget });
    this.#shrunk = device.createBuffer({ size: 16, usage: uniform | copyTarget });
    this.#shown = device.createBuffer({ size: 16, usage: uniform | copyTarget });
    this.#pixels = device.createBuffer({ size, usage: storage | copySource | copyTarget });
    this.#small = device.createBuffer({ size, usage: storage | copySource });
    this.#copy = device.createBuffer({ size, usage: mapRead | copyTarget });
    this.#stages = new Stages(device, character, snorm16, { pixels: this.#pixels, view: this.#view });
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
    await made(this.#device, 'the graphics card cannot hold the character', () => this.#stages.prepare());
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
      const copy = this.#larger && source === this.#larger.pixels ? this.#larger.copy : this.#copy;
      encoder.copyBufferToBuffer(source, 0, copy, 0, size);
      this.#device.queue.submit([encoder.finish()]);
      await copy.mapAsync(MAP_READ, 0, size);
      const data = new Uint8ClampedArray(copy.getMappedRange(0, size).slice(0));
      copy.unmap();
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

  /**
   * @param {Bytes | null} drawing
   * @param {Times} times
   */
  async beginLarger(drawing, times) {
    await this.endLarger();
    const device = this.#device;
    const larger = new GpuLarger(device, times);
    await this.#guarded(() =>
      made(device, 'the graphics card cannot hold the larger picture', async () => {
        await this.#stages.leaveAnswersIn(larger.answers);
        await larger.prepare(drawing, this.#stages);
      }).catch((error) => {
        larger.close();
        throw error;
      }),
    );
    this.#larger = larger;
  }

  async endLarger() {
    this.#larger?.close();
    this.#larger = null;
    this.#pictureKey = '';
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
      this.#stages.forget();
      this.#larger?.forget();
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
    const { region, size, times } = view;
    const device = this.#device;
    const shrink = isShrunk(view) ? await this.#shrinking() : null;
    const larger = times > 1 ? /** @type {GpuLarger} */ (this.#larger) : null;
    const pictureKey = `${times} ${pose.join()} ${region.join()}`;
    if (pictureKey !== this.#pictureKey) {
      device.queue.writeBuffer(this.#view, 0, Uint32Array.from(region));
      const tiles = this.#stages.take(pose, larger ? grown(region) : region);
      // What cannot be seen is transparent.
      if (larger) {
        larger.begin(encoder, tiles);
      } else {
        encoder.clearBuffer(this.#pixels, 0, 4 * region[2] * region[3]);
      }
      const pass = encoder.beginComputePass();
      this.#stages.record(pass, pose, larger !== null);
      larger?.finish(pass, pose, region);
      pass.end();
      this.#pictureKey = pictureKey;
    }
    if (larger) {
      return larger.pixels;
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

  async #shrinking() {
    this.#shrink ??= await programOf(this.#device, 'shrink', SHRINK);
    return this.#shrink;
  }

  async #showing() {
    if (!this.#show) {
      const module = this.#device.createShaderModule({ label: 'show', code: SHOW });
      this.#show = await this.#device.createRenderPipelineAsync({
        layout: 'auto',
        vertex: { module },
        fragment: { module, targets: [{ format: this.#format }] },
      });
    }
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
