// Reads characters for tools/fuzzing/web_trial.py: on standard input, for each, a line of JSON with the names and sizes
// of files, then their bytes; on standard output a line of JSON: what became of it, and how long that took.

import { UserError, readCharacter, readOfficialDirectory } from '../../tha4_core/engines/web/index.js';

let buffer = Buffer.alloc(0);
const input = process.stdin[Symbol.asyncIterator]();

/** @returns {Promise<boolean>} */
async function more() {
  const { done, value } = await input.next();
  if (!done) {
    buffer = Buffer.concat([buffer, value]);
  }
  return !done;
}

/** @param {number} size */
async function take(size) {
  while (buffer.length < size && (await more()));
  const taken = buffer.subarray(0, size);
  buffer = buffer.subarray(size);
  return new Uint8Array(taken);
}

async function line() {
  while (buffer.indexOf(0x0a) < 0) {
    if (!(await more())) {
      return null;
    }
  }
  return new TextDecoder().decode(await take(buffer.indexOf(0x0a) + 1));
}

for (let head = await line(); head !== null; head = await line()) {
  const files = [];
  for (const [name, size] of JSON.parse(head)) {
    files.push(new File([await take(size)], name));
  }
  const started = performance.now();
  const answer = { taken: true, refused: '', fault: '' };
  try {
    await (files.length === 1 ? readCharacter(files[0]) : readOfficialDirectory(files));
  } catch (error) {
    answer.taken = false;
    answer[error instanceof UserError ? 'refused' : 'fault'] = error.message || String(error);
    if (answer.fault) {
      answer.fault = `${answer.fault} ${String(error.stack).split('\n')[1]?.trim().replace(/file:.*\//, '')}`;
    }
  }
  const seconds = (performance.now() - started) / 1000;
  process.stdout.write(`${JSON.stringify({ ...answer, seconds, resident: process.memoryUsage.rss() })}\n`);
}
