/**
 * Characters in a browser: reads them, and draws their poses. Plain ES modules that need nothing else (docs/WEB.md).
 *
 * @module
 */

/** @typedef {import('./reading/character.js').Character} Character */
/** @typedef {import('./reading/details.js').Credit} Credit */
/** @typedef {import('./reading/details.js').Region} Region */
/** @typedef {import('./drawing/pictures.js').Picture} Picture */
/** @typedef {import('./engine.js').Options} Options */
/** @typedef {import('./parameters.js').Parameter} Parameter */

export { Engine, createEngine } from './engine.js';
export { CharacterError, EngineError, PoseError, UserError } from './errors.js';
export { PARAMETERS } from './parameters.js';
export { POSE_SIZE, clampPose, indicesOf, poseFromNames } from './pose.js';
export { readCharacter } from './reading/character.js';
export { readOfficialDirectory } from './reading/official_directory.js';
