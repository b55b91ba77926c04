// @ts-check
/**
 * By which model faces are found: a face_landmarker.task, which the visitor gives or the site has, or else the site's
 * Face Mesh.
 *
 * @module
 */

import { ZipError, listMembers } from '../engines/web/reading/zip_members.js';
import { openFaceFinder } from './face_finder.js';
import { BY_BLENDSHAPES, BY_POINTS } from './ways.js';

/** @typedef {import('./finders.js').Finder} Finder */

const SITE = new URL('../', import.meta.url);
/** What the site has of them, as tools/serving/face_models.py lays it. */
const MESH = 'models/face_mesh/face_mesh.js';
const READER = 'models/tasks_vision/vision_bundle.mjs';
const LANDMARKER = 'models/face_landmarker.task';
const MOST_BYTES = 32 << 20;
const MOST_MEMBERS = 64;
/** What is in a face landmarker; without the last there are no blendshapes. */
const MEMBERS = ['face_detector.tflite', 'face_landmarks_detector.tflite', 'face_blendshapes.tflite'];
const WANTED = "give Google's face_landmarker.task";

const NO_MESH =
  'The face model is not on this site: run "python3 tools/web.py --face-mesh" once, which fetches it (7 MB).';
const NO_READER =
  'What reads a face_landmarker.task is not on this site: run "python3 tools/web.py --page mimic --face-landmarker"' +
  ' once, which fetches it (6 MB).';

/** Whether a file says that it is such a model. @param {File} file */
export const isModel = (file) => /\.task$/i.test(file.name);

/**
 * The bytes of a face landmarker with blendshapes. Throws a sentence.
 *
 * @param {Blob} file
 * @param {string} name
 * @returns {Promise<Uint8Array<ArrayBuffer>>}
 */
export async function readModel(file, name) {
  if (file.size > MOST_BYTES) {
    throw new Error(`${name} is larger than ${MOST_BYTES >> 20} MiB; ${WANTED}.`);
  }
  const bytes = new Uint8Array(await file.arrayBuffer());
  let members;
  try {
    members = listMembers(bytes, MOST_MEMBERS);
  } catch (error) {
    if (error instanceof ZipError) {
      throw new Error(`${name} is no face landmarker: ${error.message}; ${WANTED}.`);
    }
    throw error;
  }
  const missing = MEMBERS.find((member) => !members.has(member));
  if (missing) {
    throw new Error(`${name} is no face landmarker with blendshapes: it lacks ${missing}; ${WANTED}.`);
  }
  return bytes;
}

/** The face models of a page, of which one is in use. */
export class FaceModels {
  #say;
  /** @type {Promise<string[]> | null} */
  #addresses = null;
  /** @type {Uint8Array<ArrayBuffer> | null} the visitor's */
  #own = null;
  /** @type {Promise<Finder> | null} the one that is in use */
  #finder = null;

  /** @param {(sentence: string) => void} say told what the visitor may want to know */
  constructor(say) {
    this.#say = say;
  }

  /** How faces are taken that the model finds. */
  async way() {
    return this.#own || (await this.#has(LANDMARKER)) ? BY_BLENDSHAPES : BY_POINTS;
  }

  /**
   * Takes a visitor's model in the place of the one in use. Rejects with a sentence; then all is as before.
   *
   * @param {File} file
   */
  async take(file) {
    const bytes = await readModel(file, file.name);
    if (!(await this.#has(READER))) {
      throw new Error(NO_READER);
    }
    this.#own = bytes;
    this.#close();
  }

  /**
   * What finds faces, opened when it is first asked for. Rejects with a sentence.
   *
   * @returns {Promise<Finder>}
   */
  finder() {
    const finder = (this.#finder ??= this.#open());
    finder.catch(() => {
      if (finder === this.#finder) {
        this.#finder = null; // it may be there the next time
      }
    });
    return finder;
  }

  /** @returns {Promise<Finder>} */
  async #open() {
    const model = this.#own ?? (await this.#siteModel());
    if (model && !(await this.#has(READER))) {
      throw new Error(NO_READER);
    }
    if (!model && !(await this.#has(MESH))) {
      throw new Error(NO_MESH);
    }
    return openFaceFinder(model, this.#say);
  }

  async #siteModel() {
    if (!(await this.#has(LANDMARKER))) {
      return null;
    }
    const answer = await fetch(new URL(LANDMARKER, SITE)).catch(() => null);
    if (!answer?.ok) {
      throw new Error(`${LANDMARKER} could not be fetched; is the network there?`);
    }
    return readModel(await answer.blob(), LANDMARKER);
  }

  /** Whether the site has a file. @param {string} address */
  async #has(address) {
    this.#addresses ??= fetch(new URL('data/models.json', SITE)).then((answer) => (answer.ok ? answer.json() : []));
    try {
      return (await this.#addresses).includes(address);
    } catch {
      this.#addresses = null;
      throw new Error('This site does not say which face models it has; is the network there?');
    }
  }

  #close() {
    this.#finder?.then((finder) => finder.close(), () => {});
    this.#finder = null;
  }
}
