// The official form of a character: a YAML file that names a PNG and two .pt files, beside it. The twin of
// tha4_core/character/official_directory.py.

import { CharacterError } from '../errors.js';
import { bytesOf, refuseStandIn } from './bytes.js';
import { detailsOf, parseJson, readDetails, readExpressions } from './details.js';
import { DRAWING, decodeDrawing, drawingEdge } from './larger_drawing.js';
import { namedFiles } from './model_yaml.js';
import { arePublished } from './networks.js';
import { decodePng } from './png.js';
import { readStateDict } from './torch_files.js';
import { readMasks } from './visibility.js';
import { checkWeights, lookOf, weightsOf } from './weights.js';

const MODEL = 'character_model.yaml';
const MOST_BYTES = 16 << 20;
/** Far more than a character's directory has. */
const MOST_FILES = 1024;

/** @typedef {import('./character.js').Character} Character */

/**
 * The character in files that were chosen or dropped: a directory's, or its files alone. Others beside them are not
 * looked at. Throws CharacterError, one sentence.
 *
 * @param {ArrayLike<File>} files
 * @returns {Promise<Character>}
 */
export async function readOfficialDirectory(files) {
  const directory = new Directory(files);
  const names = namedFiles(await directory.read(directory.model), directory.model);
  const picture = await decodePng(await directory.read(names.character_image_file_name), names.character_image_file_name);
  const info = (await directory.json('character.json', readDetails)) ?? detailsOf(directory.name);
  if (!arePublished(info.networks)) {
    throw new CharacterError(
      'character.json describes other networks than the published ones, which an official directory cannot hold;' +
        " take the character's .tha4 file.",
    );
  }
  const [face, body] = await Promise.all(
    /** @type {const} */ (['face', 'body']).map(async (network) => {
      const name = names[`${network}_morpher_file_name`];
      const tensors = readStateDict(await directory.read(name), name);
      checkWeights(tensors, network, info.networks, name);
      return tensors;
    }),
  );
  const drawing = directory.has(DRAWING) ? await directory.read(DRAWING) : null;
  // One that somebody lays beside the other files needs no description.
  const edge = drawing ? drawingEdge(drawing, DRAWING) : 0;
  if (info.drawingEdge && edge !== info.drawingEdge) {
    throw new CharacterError(
      `character.json names a larger drawing of ${info.drawingEdge} pixels, and there is` +
        ` ${edge ? `one of ${edge}` : `no ${DRAWING}`}; choose it, too, or convert the character again.`,
    );
  }
  const look = () => lookOf(picture, info.networks, face, body);
  return {
    ...info,
    drawingEdge: edge,
    readDrawing: async () => drawing && decodeDrawing(drawing, picture, DRAWING),
    expressions: (await directory.json('expressions.json', readExpressions)) ?? {},
    picture,
    masks: await directory.json('visibility.json', (document, called) => readMasks(document, look, called)),
    weights: weightsOf(info.networks, face, body),
  };
}

/** Files by their place beside the YAML file. */
class Directory {
  /** @type {Map<string, File>} */
  #files = new Map();

  /** @param {ArrayLike<File>} files */
  constructor(files) {
    if (files.length > MOST_FILES) {
      throw new CharacterError(`there are ${files.length} files; choose a character's directory alone.`);
    }
    for (const file of Array.from(files)) {
      this.#files.set(file.webkitRelativePath || file.name, file);
    }
    const found = [...this.#files.keys()].filter((path) => /\.ya?ml$/i.test(path));
    const named = found.filter((path) => path.split('/').at(-1) === MODEL);
    const models = named.length ? named : found;
    if (models.length !== 1) {
      throw new CharacterError(
        models.length
          ? `there are ${models.length} files such as ${models[0]}; choose one character's directory.`
          : `there is no ${MODEL} among the files; choose it together with the files that it names, or a .tha4 file.`,
      );
    }
    /** The YAML file's path. */
    this.model = models[0];
    this.#folder = this.model.split('/').slice(0, -1);
    /** What the character is called that does not say so. */
    this.name = this.#folder.at(-1) ?? '';
  }

  /** @type {string[]} */
  #folder;

  /**
   * A file's bytes. Throws CharacterError.
   *
   * @param {string} name as the YAML file has it, or its own path
   */
  async read(name) {
    const file = name === this.model ? this.#files.get(name) : this.#find(name);
    if (!file) {
      throw new CharacterError(`${this.model} names ${name.slice(0, 80)}, which is not among the files; choose it, too.`);
    }
    const bytes = await bytesOf(file, MOST_BYTES, name);
    refuseStandIn(bytes, name);
    return bytes;
  }

  /** @param {string} name */
  has(name) {
    return this.#find(name) !== undefined;
  }

  /**
   * What is read from a JSON file; null when it is not there.
   *
   * @template Result
   * @param {string} name
   * @param {(document: unknown, called: string) => Result} parse
   * @returns {Promise<Result | null>}
   */
  async json(name, parse) {
    return this.#find(name) ? parse(parseJson(await this.read(name), name), name) : null;
  }

  /** @param {string} name */
  #find(name) {
    /** @type {string[]} */
    const parts = [];
    for (const part of [...this.#folder, ...name.split('/')]) {
      if (part === '..') {
        parts.pop();
      } else if (part !== '.' && part !== '') {
        parts.push(part);
      }
    }
    // Files that were dropped without their folder have names alone.
    return this.#files.get(parts.join('/')) ?? this.#files.get(/** @type {string} */ (parts.at(-1)));
  }
}
