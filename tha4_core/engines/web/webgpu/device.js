// The graphics device, and programs on it, made once for each source.

import { EngineError, sentenceOf } from '../errors.js';

/** What the networks need of shared memory where a device has it. */
const WISHED_SHARED = 32_768;

/** What buffers are for, and may be mapped for, as the standard numbers it. */
export const USAGE = { mapRead: 0x1, copySource: 0x4, copyTarget: 0x8, uniform: 0x40, storage: 0x80 };
export const MAP_READ = 0x1;

/** @typedef {{ pipeline: GPUComputePipeline, layout: GPUBindGroupLayout }} Program */

/**
 * A device. Throws EngineError where there is none.
 *
 * @param {boolean} isSoftwareGood whether one that computes on the processor will do
 * @returns {Promise<GPUDevice>}
 */
export async function openDevice(isSoftwareGood) {
  const gpu = globalThis.navigator?.gpu;
  if (!gpu) {
    throw new EngineError('this browser has no WebGPU.');
  }
  let adapter;
  try {
    adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
  } catch (error) {
    throw new EngineError(`the browser gives no graphics adapter (${clauseOf(error)}).`);
  }
  if (!adapter) {
    throw new EngineError('the browser gives no graphics adapter.');
  }
  if (!isSoftwareGood && isSoftware(adapter)) {
    throw new EngineError('there is no graphics card, only a program that plays one.');
  }
  const { maxComputeWorkgroupStorageSize, maxStorageBufferBindingSize, maxBufferSize } = adapter.limits;
  try {
    return await adapter.requestDevice({
      requiredLimits: {
        maxComputeWorkgroupStorageSize: Math.min(maxComputeWorkgroupStorageSize, WISHED_SHARED),
        maxStorageBufferBindingSize,
        maxBufferSize,
      },
    });
  } catch (error) {
    throw new EngineError(`the graphics card cannot be used (${clauseOf(error)}).`);
  }
}

/**
 * A compute shader's program. Throws EngineError when the driver does not take it.
 *
 * @param {GPUDevice} device
 * @param {string} label
 * @param {string} code
 * @returns {Promise<Program>}
 */
export async function programOf(device, label, code) {
  const module = device.createShaderModule({ label, code });
  try {
    const pipeline = await device.createComputePipelineAsync({
      label,
      layout: 'auto',
      compute: { module, entryPoint: 'main' },
    });
    return { pipeline, layout: pipeline.getBindGroupLayout(0) };
  } catch (error) {
    const said = (await module.getCompilationInfo()).messages.find(({ type }) => type === 'error');
    const why = said ? `line ${said.lineNum}: ${clauseOf(said.message)}` : clauseOf(error);
    throw new EngineError(`the graphics card's driver does not take the shader "${label}" (${why}).`);
  }
}

/**
 * A buffer with numbers in it.
 *
 * @param {GPUDevice} device
 * @param {Float32Array<ArrayBuffer> | Uint32Array<ArrayBuffer>} values
 * @param {number} usage
 */
export function bufferOf(device, values, usage) {
  const buffer = device.createBuffer({ size: Math.max(values.byteLength, 16), usage: usage | USAGE.copyTarget });
  device.queue.writeBuffer(buffer, 0, values);
  return buffer;
}

/**
 * Makes things on a device. Throws EngineError when it cannot hold them.
 *
 * @template Result
 * @param {GPUDevice} device
 * @param {string} failure what cannot be done then, as a clause
 * @param {() => Promise<Result>} make
 * @returns {Promise<Result>}
 */
export async function made(device, failure, make) {
  device.pushErrorScope('out-of-memory');
  device.pushErrorScope('validation');
  try {
    return await make();
  } finally {
    const [invalid, tooLarge] = [await device.popErrorScope(), await device.popErrorScope()];
    const flaw = tooLarge ?? invalid;
    if (flaw) {
      // Whatever else was wrong followed from it.
      throw new EngineError(`${failure} (${clauseOf(flaw)}).`);
    }
  }
}

/** @param {{ info?: Partial<GPUAdapterInfo> }} adapter older browsers' say nothing of themselves */
function isSoftware({ info = {} }) {
  return info.isFallbackAdapter || /swiftshader|llvmpipe|lavapipe|basic render/i.test(`${info.architecture} ${info.description}`);
}

/** @param {unknown} error */
export function clauseOf(error) {
  return sentenceOf(error).replace(/\s+/g, ' ').slice(0, 160).replace(/\.$/, '');
}
