/** The manual poser: sliders, moods, a life of its own, and what can be taken along. */

import { Backgrounds } from '../shared/backgrounds.js';
import { Choosing } from '../shared/choosing.js';
import { Cost } from '../shared/cost.js';
import { showCredits } from '../shared/credits.js';
import { element } from '../shared/elements.js';
import { describeEngine, wantedEngine } from '../shared/engines.js';
import { Life } from '../shared/life/life.js';
import { Notices } from '../shared/notices.js';
import { poseFromFragment } from '../shared/pose_text.js';
import { Stage } from '../shared/stage.js';
import { setUpTheme } from '../shared/theme.js';
import { setUpViews } from '../shared/views.js';
import { Keeping } from './keeping.js';
import { Moods } from './moods.js';
import { PoseMotion, expressionPose, surprisingPose } from './pose_motion.js';
import { Sliders } from './sliders.js';
import { Turning } from './turning.js';

/** What a link keeps besides the pose. */
const KEPT = ['view'];
/** Milliseconds between two looks at the cost. */
const COST_SPAN = 500;

const notices = new Notices(element('notices', HTMLElement));
const place = element('stage', HTMLElement);
const motion = new PoseMotion();
const life = new Life();
const cost = new Cost();
/** When the cost was shown last, in milliseconds. */
let costShown = 0;

setUpTheme(element('theme', HTMLButtonElement));

const stage = new Stage(place, {
  pose: nextPose,
  engine: { prefer: wantedEngine((problem) => notices.fail(problem)), onNotice: (sentence) => notices.say(sentence) },
  onDrawn: (milliseconds) => {
    cost.add(performance.now(), milliseconds);
    keeping.addPicture();
  },
  onProblem: (problem) => notices.fail(problem),
});
const backgrounds = new Backgrounds(place, element('background', HTMLSelectElement), element('colour', HTMLInputElement));
const sliders = new Sliders(element('sliders', HTMLElement), {
  allOpen: matchMedia('(min-width: 861px)').matches,
  onChange: setByHand,
});
const moods = new Moods(element('moods', HTMLElement), (expression) => motion.moveTo(expressionPose(expression)));
const turning = new Turning(place, stage, {
  pose: () => motion.goal,
  looks: () => life.habits.look,
  onTurn: (index, value) => setByHand([index], value),
});
const setView = setUpViews(stage);
const keeping = new Keeping({ stage, backgrounds, notices, pose: () => motion.goal, onTake: takePose });
const choosing = new Choosing(notices, showCharacter);

setUpLife();
setUpPoses();
takeFragment();
addEventListener('hashchange', takeFragment);
moods.fetch().catch((problem) => notices.fail(problem));
void choosing.start();

/** @param {number} seconds */
function nextPose(seconds) {
  const now = performance.now();
  if (now > costShown + COST_SPAN) {
    costShown = now;
    showCost();
  }
  if (motion.advance(seconds)) {
    sliders.show(motion.pose);
  }
  return life.advance(seconds, motion.pose, turning.direction(now));
}

/** @param {import('../shared/characters.js').Character} character */
async function showCharacter(character) {
  if (!stage.engine) {
    introduce(character);
  }
  await stage.show(character);
  introduce(character);
  showCost();
}

/** @param {import('../shared/characters.js').Character} character */
function introduce(character) {
  showCredits(element('credits', HTMLElement), character);
  moods.takeOwn(character.expressions);
  document.title = `${character.name || 'A character'} · pose a character`;
}

/**
 * @param {readonly number[]} indices
 * @param {number} value
 */
function setByHand(indices, value) {
  motion.setParameters(indices, value);
  sliders.show(motion.pose);
  moods.release();
}

function showCost() {
  if (stage.engine) {
    element('engine', HTMLElement).textContent = describeEngine(stage.engine);
    element('cost', HTMLElement).textContent = cost.describe(performance.now());
  }
}

function setUpLife() {
  const calm = matchMedia('(prefers-reduced-motion: reduce)').matches;
  for (const box of document.querySelectorAll('input[data-habit]')) {
    const habit = /** @type {HTMLInputElement} */ (box);
    const name = /** @type {import('../shared/life/life.js').Habit} */ (habit.dataset.habit);
    // Who has asked for less motion switches on what is wanted.
    habit.checked = !calm;
    life.habits[name] = habit.checked;
    habit.addEventListener('change', () => (life.habits[name] = habit.checked));
  }
}

function setUpPoses() {
  element('rest', HTMLButtonElement).addEventListener('click', () => moveTo(new Float32Array(motion.pose.length)));
  element('surprise', HTMLButtonElement).addEventListener('click', () => {
    moveTo(surprisingPose(Object.values(moods.expressions)));
  });
  const together = element('together', HTMLInputElement);
  together.addEventListener('change', () => (sliders.together = together.checked));
  sliders.together = together.checked;
}

/** @param {Float32Array} pose */
function moveTo(pose) {
  moods.release();
  motion.moveTo(pose);
}

/** Takes what the address says of the pose. */
function takeFragment() {
  if (location.hash.length > 1) {
    takePose(() => {
      const read = poseFromFragment(location.hash, KEPT);
      setView(read.more.view === 'full' ? 'full' : 'head');
      return read;
    });
  }
}

/** @param {() => import('../shared/pose_text.js').ReadPose} read */
function takePose(read) {
  try {
    const { pose, remark } = read();
    notices.clear();
    moods.release();
    motion.set(pose);
    sliders.show(pose);
    if (remark) {
      notices.say(remark);
    }
  } catch (error) {
    notices.fail(error);
  }
}
