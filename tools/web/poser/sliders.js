/** Sliders for all parameters, in groups; those of both sides one or two, as the visitor likes. */

import { PARAMETERS, indicesOf } from '../shared/parameters.js';

/** What a category is called, in the order in which they stand. */
const TITLES = {
  face_rotation: 'Head',
  body_rotation: 'Body',
  breathing: 'Breath',
  iris_rotation: 'Gaze',
  mouth: 'Mouth',
  eye: 'Eyes',
  eyebrow: 'Eyebrows',
  iris_morph: 'Irises',
};
/** Those that are open at first, where not all are. */
const FIRST = ['face_rotation', 'mouth'];
/** What a name need not say under its title. */
const PREFIX = /^(eyebrow|eye|mouth|iris)_/;

export class Sliders {
  #onChange;
  #together = true;
  /** @type {Row[]} */
  #rows;

  /**
   * @param {HTMLElement} place
   * @param {object} options
   * @param {boolean} options.allOpen whether all groups are open at first
   * @param {(indices: readonly number[], value: number) => void} options.onChange a hand has moved one; show() follows
   */
  constructor(place, { allOpen, onChange }) {
    this.#onChange = onChange;
    this.#rows = [];
    for (const [category, title] of Object.entries(TITLES)) {
      const group = document.createElement('details');
      group.open = allOpen || FIRST.includes(category);
      const summary = document.createElement('summary');
      summary.textContent = title;
      group.append(summary);
      for (const parameter of PARAMETERS.filter((one) => one.category === category)) {
        this.#addRows(group, parameter);
      }
      place.append(group);
    }
    this.together = true;
  }

  /** Whether one slider moves both sides. */
  get together() {
    return this.#together;
  }

  set together(together) {
    this.#together = together;
    for (const row of this.#rows) {
      row.element.hidden = row.sides === 'both' ? !together : row.sides === 'one' && together;
    }
  }

  /**
   * Shows a pose.
   *
   * @param {ArrayLike<number>} pose 45 numbers
   */
  show(pose) {
    for (const row of this.#rows) {
      row.show(pose[row.indices[0]]);
    }
  }

  /**
   * @param {HTMLElement} group
   * @param {import('../engines/web/index.js').Parameter} parameter
   */
  #addRows(group, parameter) {
    const sides = indicesOf(parameter.group);
    const alone = sides.length === 1;
    const own = indicesOf(parameter.name);
    if (!alone && own[0] === sides[0]) {
      this.#add(group, new Row(parameter, parameter.group, sides, 'both'));
    }
    this.#add(group, new Row(parameter, parameter.name, own, alone ? 'alone' : 'one'));
  }

  /**
   * @param {HTMLElement} group
   * @param {Row} row
   */
  #add(group, row) {
    row.input.addEventListener('input', () => this.#onChange(row.indices, Number(row.input.value)));
    this.#rows.push(row);
    group.append(row.element);
  }
}

/** One slider with its name and number. */
class Row {
  element = document.createElement('label');
  input = document.createElement('input');
  #number = document.createElement('output');

  /**
   * @param {import('../engines/web/index.js').Parameter} parameter
   * @param {string} name
   * @param {readonly number[]} indices what it moves
   * @param {'both' | 'one' | 'alone'} sides
   */
  constructor({ min, max, description }, name, indices, sides) {
    this.indices = indices;
    this.sides = sides;
    const text = document.createElement('span');
    text.textContent = words(name);
    this.input.type = 'range';
    this.input.min = String(min);
    this.input.max = String(max);
    this.input.step = '0.01';
    this.input.value = '0';
    this.input.dataset.parameter = name;
    this.element.className = 'slider';
    this.element.title = sides === 'both' ? description.replace('left ', '') : description;
    this.element.append(text, this.input, this.#number);
    const rest = () => {
      this.input.value = '0';
      this.input.dispatchEvent(new Event('input'));
    };
    this.input.addEventListener('dblclick', rest);
    this.input.addEventListener('keydown', (event) => {
      if (event.key === '0' || event.key === 'Delete') {
        rest();
      }
    });
    this.show(0);
  }

  /** @param {number} value */
  show(value) {
    // One that is being moved has it already; written again it would jump to its step.
    if (Math.abs(Number(this.input.value) - value) > 1e-6) {
      this.input.value = String(value);
    }
    this.#number.textContent = value.toFixed(2);
  }
}

/** @param {string} name as in "mouth_raised_corner_left" */
function words(name) {
  const text = name.replace(PREFIX, '').replace(/_(left|right)$/, ', $1').replaceAll('_', ' ');
  return text[0].toUpperCase() + text.slice(1);
}
