// What a page and its workers say to each other.

/** @typedef {import('../reading/details.js').Region} Region */
/** @typedef {import('./instance.js').Given} Given */
/**
 * To a worker: first a character, then what to draw.
 *
 * @typedef {{ module: WebAssembly.Module, given: Given } | { pose: Float32Array<ArrayBuffer>, region: Region }} Request
 */
/**
 * From a worker: what it drew; that it is ready, and whether in 16 bits; or what went wrong, a sentence.
 *
 * @typedef {{ pixels: Uint8ClampedArray<ArrayBuffer> } | { fixed16: boolean } | { problem: string }} Answer
 */

export {};
