/** Where a page's characters come from: the built-in ones, an address of the same host, files that the visitor gives. */

import { UserError, readCharacter, readOfficialDirectory } from '../engines/web/index.js';

/** @typedef {import('../engines/web/index.js').Character} Character */

/** Those that come with the project, by the names of their files. */
export const BUILT_IN = Object.freeze(['yunagi', 'kohaku', 'yunagi_light', 'kohaku_light']);

/** No character is larger; what is, is not fetched to its end. */
const MOST_BYTES = 16 << 20;
/** So many files of a folder are looked at. */
const MOST_FILES = 64;

/**
 * The address that `?character=` means: a built-in character's name, or a file of the same host.
 *
 * @param {string} wanted
 * @param {string} page the page's own address
 * @returns {URL}
 */
export function characterAddress(wanted, page) {
  if (BUILT_IN.includes(wanted)) {
    return new URL(`../built_in/${wanted}.tha4`, page);
  }
  let address;
  try {
    address = new URL(wanted, page);
  } catch {
    throw new UserError(`?character=${wanted.slice(0, 80)} is no address; name a .tha4 file of this site.`);
  }
  if (address.origin !== new URL(page).origin) {
    throw new UserError(
      `?character= names a file of ${address.host || 'another place'}, but this page asks no other host for anything;` +
        ' download it, and drop it here.',
    );
  }
  return address;
}

/**
 * A character at an address of this host. Throws UserError.
 *
 * @param {URL} address
 * @returns {Promise<Character>}
 */
export async function fetchCharacter(address) {
  const name = decodeURIComponent(address.pathname.split('/').at(-1) ?? '') || address.pathname;
  let answer;
  try {
    answer = await fetch(address);
  } catch {
    throw new UserError(`${name} could not be fetched; is the network there?`);
  }
  if (!answer.ok) {
    throw new UserError(`${name} could not be fetched: the host says ${answer.status}; check its address.`);
  }
  if (Number(answer.headers.get('Content-Length')) > MOST_BYTES) {
    throw new UserError(`${name} is larger than ${MOST_BYTES >> 20} MiB; no character is.`);
  }
  return readCharacter(await answer.blob(), name);
}

/**
 * The character in files that were chosen or dropped: a .tha4 file, or an official directory's. Throws UserError.
 *
 * @param {readonly File[]} files
 * @returns {Promise<Character>}
 */
export function readFiles(files) {
  const single = files.filter((file) => /\.tha4$/i.test(file.name));
  if (single.length > 1) {
    throw new UserError(`there are ${single.length} characters, such as ${single[0].name}; give one.`);
  }
  return single.length ? readCharacter(single[0]) : readOfficialDirectory(files);
}

/**
 * What was dropped, files of folders included.
 *
 * @param {DataTransfer} data
 * @returns {Promise<File[]>}
 */
export async function droppedFiles(data) {
  // Asked for at once: after the event has been handled nothing of it is left.
  const entries = Array.from(data.items, (item) => item.webkitGetAsEntry?.() ?? null);
  const files = Array.from(data.files);
  if (!entries.some((entry) => entry?.isDirectory)) {
    return files;
  }
  /** @type {File[]} */
  const found = [];
  for (const entry of entries) {
    if (entry) {
      await collect(entry, found);
    }
  }
  return found;
}

/**
 * @param {FileSystemEntry} entry
 * @param {File[]} found
 */
async function collect(entry, found) {
  if (found.length >= MOST_FILES) {
    return;
  }
  if (entry.isFile) {
    const file = /** @type {FileSystemFileEntry} */ (entry);
    found.push(await new Promise((resolve, reject) => file.file(resolve, reject)));
    return;
  }
  const reader = /** @type {FileSystemDirectoryEntry} */ (entry).createReader();
  for (;;) {
    /** @type {FileSystemEntry[]} */
    const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (!some.length) {
      return;
    }
    for (const inner of some) {
      await collect(inner, found);
    }
  }
}
