// What a page and its workers say to each other.

/** @typedef {import('../drawing/pictures.js').Times} Times */
/** @typedef {import('../reading/details.js').Region} Region */
/** @typedef {import('./instance.js').Given} Given */
/**
 * To a worker: first a character, and how large its pictures will be at most, then what to draw. Another character takes
 * the place of the one before.
 *
 * @typedef {{ module: WebAssembly.Module, given: Given, times: Times } |
 *   { pose: Float32Array<ArrayBuffer>, region: Region, times: Times }} Request
 */
/**
 * From a worker: what it drew; that it is ready, and whether in 16 bits; or what went wrong, a sentence.
 *
 * @typedef {{ pixels: Uint8ClampedArray<ArrayBuffer> } | { fixed16: boolean } | { problem: string }} Answer
 */

export {};
