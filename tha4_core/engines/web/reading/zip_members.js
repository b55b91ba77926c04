// The directory of a zip file from strangers: where its members lie, checked before anything is copied. The twin of
// tha4_core/files/zip_members.py.

import { areEqual, crc32, viewOf } from './bytes.js';

const END_SIZE = 22;
const END_64_SIZE = 56;
const LOCATOR_64_SIZE = 20;
const ENTRY_SIZE = 46;
const LOCAL_SIZE = 30;
const LONGEST_COMMENT = 0xffff;
/** Of a directory, for each member: the entry, a name, and what some programs add. */
const MOST_OF_ENTRY = 512;
const STORED = 0;
const DEFLATED = 8;

/** A zip that is not read; the text is a clause that says why: "it has ...". */
export class ZipError extends Error {}

/** @typedef {import('./bytes.js').Bytes} Bytes */
/**
 * A file in a zip.
 *
 * @typedef {object} Member
 * @property {string} name
 * @property {number} start where its bytes begin
 * @property {number} length how many there are
 * @property {number} checksum CRC-32 of its content
 * @property {boolean} packed whether they are compressed
 */

/** @returns {ZipError} */
function damaged() {
  return new ZipError('it is damaged or cut short');
}

/** @param {unknown} condition */
function check(condition) {
  if (!condition) {
    throw damaged();
  }
}

/**
 * The members of a zip file by name, none over another's bytes. Throws ZipError.
 *
 * @param {Bytes} bytes
 * @param {number} limit the most members there may be
 * @returns {Map<string, Member>}
 */
export function listMembers(bytes, limit) {
  const { start, end, count } = findDirectory(bytes);
  if (count > limit || end - start > limit * MOST_OF_ENTRY) {
    throw new ZipError(`it has more than ${limit} members`);
  }
  const members = readDirectory(bytes, start, end);
  check(members.length === count);
  /** @type {Map<string, Member>} */
  const named = new Map();
  for (const member of members) {
    if (named.has(member.name)) {
      throw new ZipError(`it has two members named '${member.name.slice(0, 100)}'`);
    }
    named.set(member.name, member);
  }
  return named;
}

/**
 * A stored member's bytes, where they lie. Throws ZipError.
 *
 * @param {Bytes} bytes
 * @param {Member} member
 * @param {boolean} mayLackChecksum whether 0 stands for none
 * @returns {Bytes}
 */
export function storedBytes(bytes, member, mayLackChecksum = false) {
  if (member.packed) {
    throw new ZipError(`its member '${member.name.slice(0, 100)}' is packed, but members must be stored`);
  }
  const found = bytes.subarray(member.start, member.start + member.length);
  check((mayLackChecksum && member.checksum === 0) || crc32(found) === member.checksum);
  return found;
}

/**
 * @param {Bytes} bytes
 * @returns {{ start: number, end: number, count: number }}
 */
function findDirectory(bytes) {
  const view = viewOf(bytes);
  const last = bytes.length - END_SIZE;
  let place = -1;
  for (let at = last; at >= Math.max(last - LONGEST_COMMENT, 0) && place < 0; at -= 1) {
    if (view.getUint32(at, true) === 0x06054b50) {
      place = at;
    }
  }
  check(place >= 0);
  check(place + END_SIZE + view.getUint16(place + 20, true) === bytes.length);
  check(view.getUint16(place + 4, true) === 0 && view.getUint16(place + 6, true) === 0);
  let count = view.getUint16(place + 10, true);
  let length = view.getUint32(place + 12, true);
  let start = view.getUint32(place + 16, true);
  let end = place;
  const locator = place - LOCATOR_64_SIZE;
  // Files of 4 GiB and more have a second, longer end; PyTorch writes one always.
  if (locator >= 0 && view.getUint32(locator, true) === 0x07064b50) {
    end = Number(view.getBigUint64(locator + 8, true));
    check(end >= 0 && end <= locator - END_64_SIZE && view.getUint32(end, true) === 0x06064b50);
    count = Number(view.getBigUint64(end + 32, true));
    length = Number(view.getBigUint64(end + 40, true));
    start = Number(view.getBigUint64(end + 48, true));
  }
  check(start + length === end);
  return { start, end, count };
}

/**
 * @param {Bytes} bytes
 * @param {number} directory where it begins
 * @param {number} end
 * @returns {Member[]}
 */
function readDirectory(bytes, directory, end) {
  const view = viewOf(bytes);
  /** @type {Member[]} */
  const members = [];
  /** @type {[number, number][]} */
  const spans = [];
  let place = directory;
  while (place < end) {
    check(place + ENTRY_SIZE <= end && view.getUint32(place, true) === 0x02014b50);
    const flags = view.getUint16(place + 8, true);
    const method = view.getUint16(place + 10, true);
    const checksum = view.getUint32(place + 16, true);
    const length = view.getUint32(place + 20, true);
    const size = view.getUint32(place + 24, true);
    const nameLength = view.getUint16(place + 28, true);
    const local = view.getUint32(place + 42, true);
    const rawName = bytes.subarray(place + ENTRY_SIZE, place + ENTRY_SIZE + nameLength);
    const behind = view.getUint16(place + 30, true) + view.getUint16(place + 32, true);
    place += ENTRY_SIZE + nameLength + behind;
    check(place <= end && local + LOCAL_SIZE <= directory && view.getUint32(local, true) === 0x04034b50);
    const localName = view.getUint16(local + 26, true);
    const start = local + LOCAL_SIZE + localName + view.getUint16(local + 28, true);
    check(start + length <= directory);
    // Readers that believe the one name or the other must find the same.
    check(areEqual(rawName, bytes.subarray(local + LOCAL_SIZE, local + LOCAL_SIZE + localName)));
    const name = new TextDecoder('utf-8').decode(rawName);
    if (flags & 1) {
      throw new ZipError(`its member '${name.slice(0, 100)}' is encrypted (zip it without a password)`);
    }
    if (method !== STORED && method !== DEFLATED) {
      throw new ZipError(`its member '${name.slice(0, 100)}' is packed in a way that is not read (store it)`);
    }
    check(method !== STORED || size === length);
    members.push({ name, start, length, checksum, packed: method === DEFLATED });
    spans.push([local, start + length]);
  }
  spans.sort((first, second) => first[0] - second[0]);
  for (let at = 1; at < spans.length; at += 1) {
    check(spans[at][0] >= spans[at - 1][1]);
  }
  return members;
}
