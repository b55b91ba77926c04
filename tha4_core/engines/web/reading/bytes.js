// Bytes from strangers: places are checked before anything is read, texts must be UTF-8.

import { CharacterError } from '../errors.js';

/** As web pages begin that a site shows in place of a download. */
const PAGES = ['<!doctype', '<html', '<?xml', '<head'];

/**
 * @typedef {Uint8Array<ArrayBuffer>} Bytes
 */

/**
 * The bytes of whatever a page has of a file, without copying where that can be.
 *
 * @param {Uint8Array | ArrayBuffer | Blob} source
 * @param {number} limit the most that are read
 * @param {string} called what messages call the file
 * @returns {Promise<Bytes>}
 */
export async function bytesOf(source, limit, called) {
  const size = source instanceof Blob ? source.size : source?.byteLength;
  if (typeof size !== 'number') {
    throw new CharacterError(`${called} is no file: give its bytes (Uint8Array, ArrayBuffer or Blob).`);
  }
  if (size > limit) {
    throw new CharacterError(`${called} is larger than ${limit >> 20} MiB; no character is.`);
  }
  if (source instanceof Blob) {
    try {
      return new Uint8Array(await source.arrayBuffer());
    } catch {
      throw new CharacterError(`${called} could not be read; choose it again.`);
    }
  }
  if (source instanceof Uint8Array) {
    // Shared memory may change while it is read; and Node's Buffer, which is one, has another slice().
    const { buffer, byteOffset, byteLength } = source;
    return buffer instanceof ArrayBuffer ? new Uint8Array(buffer, byteOffset, byteLength) : new Uint8Array(source);
  }
  return new Uint8Array(source);
}

/**
 * Refuses what is often saved in place of a file.
 *
 * @param {Bytes} bytes
 * @param {string} called
 */
export function refuseStandIn(bytes, called) {
  const start = new TextDecoder('latin1').decode(bytes.subarray(0, 64)).trimStart().toLowerCase();
  if (start.startsWith('version https://git-lfs')) {
    throw new CharacterError(`${called} is a Git LFS pointer, not the file itself: download it again (git lfs pull).`);
  }
  if (PAGES.some((page) => start.startsWith(page))) {
    throw new CharacterError(
      `${called} is a web page, such as a site shows in place of a download, not the file itself: download it again.`,
    );
  }
}

/**
 * UTF-8 as text; null when it is none.
 *
 * @param {Bytes} bytes
 * @returns {string | null}
 */
export function textOf(bytes) {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}

/**
 * A view of bytes for reading numbers.
 *
 * @param {Bytes} bytes
 * @returns {DataView<ArrayBuffer>}
 */
export function viewOf(bytes) {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/**
 * Whether two pieces hold the same bytes.
 *
 * @param {Bytes} first
 * @param {Bytes} second
 */
export function areEqual(first, second) {
  return first.length === second.length && first.every((byte, index) => byte === second[index]);
}

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit += 1) {
    value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  }
  return value;
});

/**
 * CRC-32, as of zip and PNG.
 *
 * @param {Bytes} bytes
 * @returns {number}
 */
export function crc32(bytes) {
  let value = 0xffffffff;
  for (let at = 0; at < bytes.length; at += 1) {
    value = CRC_TABLE[(value ^ bytes[at]) & 0xff] ^ (value >>> 8);
  }
  return (value ^ 0xffffffff) >>> 0;
}

/**
 * Numbers of a place that need not be aligned, little-endian.
 *
 * @param {Bytes} bytes
 * @returns {Float32Array<ArrayBuffer>}
 */
export function floatsOf(bytes) {
  return new Float32Array(bytes.slice().buffer);
}

/**
 * Whether none of the numbers is NaN or infinite.
 *
 * @param {Float32Array} values
 */
export function areFinite(values) {
  // Nothing times zero is zero, but for what is no number, which stays in the sum.
  let sum = 0;
  for (let at = 0; at < values.length; at += 1) {
    sum += values[at] * 0;
  }
  return sum === 0;
}
