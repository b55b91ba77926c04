// As web_player.mjs, by ONNX Runtime's WebAssembly: node onnx_web_player.mjs FOLDER MODEL, where FOLDER is the npm package.

import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';

const [, , folder, model] = process.argv;
const ort = await import(pathToFileURL(`${folder}/dist/ort.wasm.min.mjs`).href);
ort.env.wasm.numThreads = 1;
const session = await ort.InferenceSession.create(new Uint8Array(await readFile(model)));

for await (const line of createInterface({ input: process.stdin })) {
  const { pose } = JSON.parse(line);
  const started = performance.now();
  const before = process.cpuUsage();
  await session.run({ pose: new ort.Tensor('float32', Float32Array.from(pose), [1, pose.length]) });
  const { user, system } = process.cpuUsage(before);
  console.log(JSON.stringify([(performance.now() - started) / 1000, (user + system) / 1e6]));
}
