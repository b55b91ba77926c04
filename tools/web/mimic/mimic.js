/** The mimic page: a face before the camera, or a voice, moves the character. */

import { poseFromNames } from '../engines/web/index.js';
import { Backgrounds } from '../shared/backgrounds.js';
import { Choosing } from '../shared/choosing.js';
import { Cost } from '../shared/cost.js';
import { showCredits } from '../shared/credits.js';
import { element } from '../shared/elements.js';
import { describeEngine, wantedEngine } from '../shared/engines.js';
import { Life } from '../shared/life/life.js';
import { Notices } from '../shared/notices.js';
import { poseToJson } from '../shared/pose_text.js';
import { Stage } from '../shared/stage.js';
import { setUpTheme } from '../shared/theme.js';
import { setUpViews } from '../shared/views.js';
import { FaceModels, isModel } from './face_models.js';
import { Following } from './following.js';
import { DEFAULTS, LipSync, hear } from './lip_sync.js';
import { openMicrophone } from './microphone.js';
import { keep, recall } from './neutral.js';
import { Pictures, problemOfAddress, refusal } from './pictures.js';
import { Preview } from './preview.js';
import { browserStorage, rememberControls } from './settings.js';
import { Watching } from './watching.js';

/** Seconds between two looks at what is told as text. */
const TOLD_SPAN = 0.1;
const LOADING = 'The face model is starting; that takes a few seconds the first time …';
/** Seconds: a page that was away has not lost its face. */
const LONGEST_STEP = 0.5;
const SILENCE = [0, 0, 0, 0, 0];

const notices = new Notices(element('notices', HTMLElement));
const storage = browserStorage();
const place = element('stage', HTMLElement);
const video = element('video', HTMLVideoElement);
const saying = element('saying', HTMLElement);
const following = new Following((sentence) => say({ seen: sentence }));
const life = new Life();
const lips = new LipSync({ ...DEFAULTS });
const cost = new Cost();
const models = new FaceModels((sentence) => notices.say(sentence));
const preview = new Preview(element('preview', HTMLCanvasElement));
const pictures = new Pictures(video, (sentence) => {
  watching.stop();
  showWhatIsOn();
  notices.fail(sentence);
});
const watching = new Watching(video, {
  onFaces: showFaces,
  onProblem: (problem) => {
    stopPictures();
    notices.fail(problem);
  },
});
/** @type {import('./microphone.js').Microphone | null} */
let microphone = null;
let before = performance.now() / 1000;
/** When the text was told last, in seconds. */
let told = 0;
/** What is going on, and what is to be said of what the camera sees; the first comes before the second. */
const sentences = { doing: '', seen: '' };
/** @type {Float32Array} */
let pose = poseFromNames({});

setUpTheme(element('theme', HTMLButtonElement));
const stage = new Stage(place, {
  pose: nextPose,
  engine: { prefer: wantedEngine((problem) => notices.fail(problem)), onNotice: (sentence) => notices.say(sentence) },
  onDrawn: (milliseconds) => cost.add(performance.now(), milliseconds),
  onProblem: (problem) => notices.fail(problem),
});
new Backgrounds(place, element('background', HTMLSelectElement), element('colour', HTMLInputElement));
const choosing = new Choosing(notices, showCharacter, takeModels);

setUpPictures();
setUpModel();
setUpCalibration();
setUpVoice();
setUpSettings();
setUpViews(stage);
setUpPose();
void choosing.start();

/** @param {number} step in seconds, as animations go on: a slow machine's are slower than what faces and voices do */
function nextPose(step) {
  const now = performance.now() / 1000;
  const seconds = Math.min(LONGEST_STEP, now - before);
  before = now;
  lips.advance(microphone ? hear(microphone.magnitude, lips.settings) : SILENCE, seconds);
  const values = following.advance(seconds, pictures.isOn && sentences.doing !== LOADING);
  const byItself = element('life', HTMLInputElement).checked && following.share === 0;
  life.habits = { blink: byItself, drift: byItself, breath: element('life', HTMLInputElement).checked, look: false };
  pose = life.advance(step, poseFromNames(lips.over(values)));
  if (now > told + TOLD_SPAN) {
    told = now;
    tell();
  }
  return pose;
}

/** @param {import('../shared/characters.js').Character} character */
async function showCharacter(character) {
  if (!stage.engine) {
    introduce(character);
  }
  await stage.show(character);
  introduce(character);
}

/** @param {import('../shared/characters.js').Character} character */
function introduce(character) {
  showCredits(element('credits', HTMLElement), character);
  document.title = `${character.name || 'A character'} · mimic`;
}

/**
 * @param {import('./finders.js').Found[]} faces
 * @param {number} aspect
 * @param {number} seconds
 */
function showFaces(faces, aspect, seconds) {
  const points = following.take(faces, aspect, seconds) ?? [];
  if (sentences.doing === LOADING) {
    say({ doing: '' });
  }
  if (element('show-camera', HTMLInputElement).checked) {
    preview.draw(video, element('show-points', HTMLInputElement).checked ? points : [], following.mirror);
  }
}

function setUpPictures() {
  const film = element('film', HTMLInputElement);
  element('start', HTMLButtonElement).addEventListener('click', () => void watch(() => pictures.openCamera()));
  element('open', HTMLButtonElement).addEventListener('click', () => film.click());
  film.addEventListener('change', () => {
    const [file] = Array.from(film.files ?? []);
    film.value = '';
    if (file) {
      void watch(() => pictures.openVideo(file));
    }
  });
  element('stop', HTMLButtonElement).addEventListener('click', stopPictures);
  element('show-camera', HTMLInputElement).addEventListener('change', showWhatIsOn);
}

/**
 * Follows the face in the pictures that are opened.
 *
 * @param {() => Promise<void>} open
 */
async function watch(open) {
  notices.clear();
  watching.stop();
  following.restart();
  try {
    await open();
    showWhatIsOn();
    await followFaces();
  } catch (problem) {
    stopPictures();
    notices.fail(problem);
  }
}

async function followFaces() {
  say({ doing: LOADING });
  await watching.start(async () => {
    await takeWay();
    return models.finder();
  });
}

/** Has faces taken as the model in use finds them. */
async function takeWay() {
  const way = await models.way();
  if (way !== following.way) {
    following.way = way;
    recallNeutral();
  }
}

function setUpModel() {
  const file = element('model-file', HTMLInputElement);
  element('open-model', HTMLButtonElement).addEventListener('click', () => file.click());
  file.addEventListener('change', () => {
    const [model] = Array.from(file.files ?? []);
    file.value = '';
    if (model) {
      void takeModel(model);
    }
  });
}

/**
 * Takes a face model among dropped files. Whether there was one.
 *
 * @param {readonly File[]} files
 */
function takeModels(files) {
  const model = files.find(isModel);
  if (model) {
    void takeModel(model);
  }
  return model !== undefined;
}

/** @param {File} file */
async function takeModel(file) {
  notices.clear();
  try {
    await models.take(file);
  } catch (problem) {
    notices.fail(problem);
    return;
  }
  element('model', HTMLElement).textContent = `By the blendshapes of ${file.name}.`;
  notices.say('Faces are found by your file from now on.');
  if (pictures.isOn) {
    await watch(async () => {});
  }
}

function stopPictures() {
  watching.stop();
  pictures.stop();
  following.restart();
  say({ doing: '' });
  showWhatIsOn();
}

function showWhatIsOn() {
  const { isOn } = pictures;
  element('stop', HTMLButtonElement).disabled = !isOn;
  element('calibrate', HTMLButtonElement).disabled = !isOn;
  const showsCamera = isOn && element('show-camera', HTMLInputElement).checked;
  element('preview-box', HTMLElement).hidden = !showsCamera;
  if (!showsCamera) {
    preview.clear();
  }
}

function setUpCalibration() {
  const forget = element('forget', HTMLButtonElement);
  const calibrate = element('calibrate', HTMLButtonElement);
  recallNeutral();
  calibrate.addEventListener('click', () => {
    notices.clear();
    if (!following.isTracking) {
      notices.fail('No face is found that could be the resting one: come into the picture, and press Calibrate again.');
      return;
    }
    say({ doing: 'Look straight ahead …' });
    following.calibrate((problem) => {
      say({ doing: '' });
      if (problem) {
        notices.fail(problem);
        return;
      }
      forget.disabled = false;
      const kept = keep(storage, following.way, following.neutral);
      notices.say(
        kept ? 'Calibrated.' : 'Calibrated; this browser keeps nothing, so it holds until the page is closed.',
      );
    });
  });
  forget.addEventListener('click', () => {
    following.neutral = null;
    keep(storage, following.way, null);
    forget.disabled = true;
    notices.say('The calibration is forgotten: a typical face is taken as the resting one.');
  });
}

/** Takes the neutral face of an earlier visit, for the way in which faces are taken. */
function recallNeutral() {
  const known = recall(storage, following.way);
  following.neutral = known;
  element('forget', HTMLButtonElement).disabled = known === null;
}

function setUpVoice() {
  const listen = element('listen', HTMLButtonElement);
  listen.addEventListener('click', async () => {
    if (microphone) {
      stopListening();
      return;
    }
    const problem = problemOfAddress('microphone');
    if (problem) {
      notices.fail(problem);
      return;
    }
    listen.disabled = true;
    try {
      microphone = await openMicrophone(() => {
        stopListening();
        notices.fail('The microphone is gone: connect it again, and press Use the microphone.');
      });
      listen.setAttribute('aria-pressed', 'true');
      listen.textContent = 'Stop listening';
    } catch (error) {
      notices.fail(refusal(error, 'microphone'));
    } finally {
      listen.disabled = false;
    }
  });
}

function stopListening() {
  microphone?.stop();
  microphone = null;
  const listen = element('listen', HTMLButtonElement);
  listen.setAttribute('aria-pressed', 'false');
  listen.textContent = 'Use the microphone';
}

function setUpSettings() {
  // Who has asked for less motion switches on what is wanted.
  element('life', HTMLInputElement).checked = !matchMedia('(prefers-reduced-motion: reduce)').matches;
  const smoothing = element('smoothing', HTMLInputElement);
  const mirror = element('mirror', HTMLInputElement);
  const voice = element('voice', HTMLSelectElement);
  rememberControls(storage, [smoothing, mirror, voice], () => {
    following.smoothing = smoothing.valueAsNumber;
    following.mirror = mirror.checked;
    lips.settings = { ...DEFAULTS, formantScale: Number(voice.value) };
  });
}

function setUpPose() {
  element('copy', HTMLButtonElement).addEventListener('click', async () => {
    try {
      await navigator.clipboard.writeText(poseToJson(pose));
      notices.say('The pose is copied; paste it into a file, or into your game.');
    } catch {
      notices.fail('The browser does not let this page copy: allow it, or take the pose from its numbers below.');
    }
  });
}

/** @param {Partial<typeof sentences>} changed */
function say(changed) {
  Object.assign(sentences, changed);
  saying.textContent = sentences.doing || sentences.seen;
}

/** What changes too fast to be told each time. */
function tell() {
  if (stage.engine) {
    element('engine', HTMLElement).textContent = describeEngine(stage.engine);
    element('cost', HTMLElement).textContent = cost.describe(performance.now());
  }
  if (element('now', HTMLDetailsElement).open) {
    element('pose', HTMLElement).textContent = poseToJson(pose);
  }
}
