// @ts-check
import assert from 'node:assert/strict';
import test from 'node:test';

import { fromSite } from '../site.js';

const { isModel, readModel } = await fromSite('mimic/face_models.js');
const MEMBERS = ['face_detector.tflite', 'face_landmarks_detector.tflite', 'face_blendshapes.tflite'];

/** A zip with empty members. @param {string[]} names */
function zip(names) {
  const entries = names.map((name) => {
    const text = Buffer.from(name);
    const head = Buffer.alloc(26);
    head.writeUInt16LE(20);
    head.writeUInt16LE(text.length, 22);
    return { text, head };
  });
  const locals = entries.map(({ text, head }) => Buffer.concat([Buffer.from('PK\x03\x04'), head, text]));
  let at = 0;
  const directory = entries.map(({ text, head }, index) => {
    const place = Buffer.alloc(14);
    place.writeUInt32LE(at, 10);
    at += locals[index].length;
    return Buffer.concat([Buffer.from('PK\x01\x02\x14\0'), head, place, text]);
  });
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06');
  end.writeUInt16LE(names.length, 8);
  end.writeUInt16LE(names.length, 10);
  end.writeUInt32LE(Buffer.concat(directory).length, 12);
  end.writeUInt32LE(at, 16);
  return new Blob([...locals, ...directory, end]);
}

test('a face landmarker is taken by its name and its members', async () => {
  assert.ok(isModel({ name: 'face_landmarker_v2_with_blendshapes.task' }));
  assert.ok(!isModel({ name: 'hero.tha4' }));
  const file = zip([...MEMBERS, 'geometry_pipeline_metadata_landmarks.binarypb']);
  assert.equal((await readModel(file, 'mine.task')).length, file.size);
});

test('a wrong file is one sentence', async () => {
  for (const [file, problem] of /** @type {[Blob, RegExp][]} */ ([
    [new Blob(['<!doctype html>']), /^a\.task is no face landmarker: it is damaged or cut short; give Google's [^\n]*\.task\.$/],
    [zip(MEMBERS.slice(0, 2)), /^a\.task is no face landmarker with blendshapes: it lacks face_blendshapes\.tflite; /],
    [zip(['hand_detector.tflite']), /it lacks face_detector\.tflite/],
    [/** @type {Blob} */ ({ size: 33 << 20 }), /^a\.task is larger than 32 MiB; /],
  ])) {
    await assert.rejects(readModel(file, 'a.task'), { message: problem });
  }
});
