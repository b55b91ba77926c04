// Imports a script of the site, which pytest has laid out as a host has it.
import path from 'node:path';
import {pathToFileURL} from 'node:url';

/** Where the site lies. */
export const SITE = process.env.SITE ?? '';

/**
 * @param {string} address as in 'shared/png.js'
 * @returns {Promise<any>}
 */
export function fromSite(address) {
  return import(pathToFileURL(path.join(SITE, address)).href);
}
