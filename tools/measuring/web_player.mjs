// Plays a character for tools/measuring/bench_web.py, as a worker of a page does: node web_player.mjs CHARACTER PRECISION.
// On standard input a line of JSON for each picture: a pose and a region; on standard output its seconds, by the clock
// and of processor time.

import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';

import { readCharacter } from '../../tha4_core/engines/web/index.js';
import { PRECISIONS, WasmInstance, givenOf } from '../../tha4_core/engines/web/wasm/instance.js';

const [, , file, precision] = process.argv;
const character = await readCharacter(await readFile(file));
const engine = new URL('../../tha4_core/engines/web/tha4_engine.wasm', import.meta.url);
const module = await WebAssembly.compile(await readFile(engine));
const instance = await WasmInstance.create(module, givenOf(character, PRECISIONS[precision]), 1);

for await (const line of createInterface({ input: process.stdin })) {
  const { pose, region } = JSON.parse(line);
  const started = performance.now();
  const before = process.cpuUsage();
  instance.render(Float32Array.from(pose), region, 1);
  const { user, system } = process.cpuUsage(before);
  console.log(JSON.stringify([(performance.now() - started) / 1000, (user + system) / 1e6]));
}
