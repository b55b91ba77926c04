/** What draws, in words, and which way the address asks for. */

/** What `?engine=` may ask for, and what it is called. */
const ENGINES = { auto: '', webgpu: 'WebGPU', wasm: 'WebAssembly', 'wasm-main': 'WebAssembly' };

/**
 * What `?engine=` of the page's address asks for; what it cannot have is told.
 *
 * @param {(problem: string) => void} onProblem
 * @returns {keyof typeof ENGINES}
 */
export function wantedEngine(onProblem) {
  const wanted = new URLSearchParams(location.search).get('engine') ?? 'auto';
  if (Object.hasOwn(ENGINES, wanted)) {
    return /** @type {keyof typeof ENGINES} */ (wanted);
  }
  onProblem(`there is no engine named ${wanted.slice(0, 40)}; ?engine= may be ${Object.keys(ENGINES).join(', ')}.`);
  return 'auto';
}

/**
 * What an engine is called. It may change: one that fails is followed by another.
 *
 * @param {Pick<import('./stage.js').Engine, 'name' | 'detail'>} engine
 */
export function describeEngine({ name, detail }) {
  return `${ENGINES[name]}${detail ? ` · ${detail}` : ''}`;
}
