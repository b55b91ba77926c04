/** What the visitor has set, kept in this browser for the next visit. */

const KEY = 'mimic.settings.1';

/**
 * Where this browser keeps what a page asks it to; where it keeps nothing, what says so when it is asked.
 *
 * @returns {Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>}
 */
export function browserStorage() {
  const refuse = () => {
    throw new Error('this browser keeps nothing');
  };
  try {
    return localStorage;
  } catch {
    return { getItem: refuse, setItem: refuse, removeItem: refuse };
  }
}

/** @typedef {HTMLInputElement | HTMLSelectElement} Control */

/**
 * Gives controls what they had at the last visit, as far as they still take it, and keeps what is set from now on.
 *
 * @param {Pick<Storage, 'getItem' | 'setItem'>} storage
 * @param {readonly Control[]} controls with ids
 * @param {() => void} onChange told at once, and after each change
 */
export function rememberControls(storage, controls, onChange) {
  const kept = read(storage);
  for (const control of controls) {
    const value = kept[control.id];
    if (typeof value === 'string') {
      put(control, value);
    }
    control.addEventListener('input', () => {
      onChange();
      write(storage, controls);
    });
  }
  onChange();
}

/** @param {Control} control @param {string} value */
function put(control, value) {
  if (control.type === 'checkbox') {
    /** @type {HTMLInputElement} */ (control).checked = value === 'true';
  } else if (control instanceof HTMLInputElement || Array.from(control.options, (one) => one.value).includes(value)) {
    control.value = value;
  }
}

/** @param {Control} control */
const valueOf = (control) =>
  control.type === 'checkbox' ? String(/** @type {HTMLInputElement} */ (control).checked) : control.value;

/**
 * @param {Pick<Storage, 'getItem'>} storage
 * @returns {Record<string, unknown>}
 */
function read(storage) {
  try {
    const kept = JSON.parse(storage.getItem(KEY) ?? '{}');
    return kept !== null && typeof kept === 'object' ? kept : {};
  } catch {
    return {}; // no JSON, or a browser that keeps nothing
  }
}

/** @param {Pick<Storage, 'setItem'>} storage @param {readonly Control[]} controls */
function write(storage, controls) {
  try {
    storage.setItem(KEY, JSON.stringify(Object.fromEntries(controls.map((one) => [one.id, valueOf(one)]))));
  } catch {
    // A browser that keeps nothing forgets this, too.
  }
}
