// What each of the three ways to draw is to the engine.

/** @typedef {import('./pictures.js').Picture} Picture */
/** @typedef {import('./pictures.js').Times} Times */
/** @typedef {import('./pictures.js').View} View */
/** @typedef {import('../reading/bytes.js').Bytes} Bytes */
/**
 * Draws one character. It is asked for one thing at a time.
 *
 * @typedef {object} Drawer
 * @property {string} detail what it works with, for people
 * @property {(pose: Float32Array<ArrayBuffer>, view: View) => Promise<Picture>} render
 * @property {(pose: Float32Array<ArrayBuffer>, view: View) => Promise<ImageBitmap>} bitmap the same, for a canvas
 * @property {(drawing: Bytes | null, times: Times) => Promise<void>} beginLarger pictures of so many times the size may
 *   be asked for from now on, drawn from a larger drawing, of which nothing is kept; null: the picture is enlarged
 * @property {() => Promise<void>} endLarger they are not any more: lets go of what they took
 * @property {() => void} close lets go of everything
 */
/**
 * What an engine was asked to be.
 *
 * @typedef {object} Wishes
 * @property {'snorm16' | 'float32'} precision
 * @property {number} workers
 * @property {boolean} isSoftwareGood whether a program that plays a graphics card will do
 * @property {string | URL} wasmUrl
 * @property {() => void} onLost told when the device under the drawer was lost
 */
/** @typedef {'webgpu' | 'wasm' | 'wasm-main'} WayName */

/** A drawer that is gone, and may be made anew: the device under it was lost. */
export class LostError extends Error {}
