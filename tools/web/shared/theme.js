/** Light or dark: as the system has it, until the visitor says otherwise; that is kept in this browser. */

const KEY = 'anime-character-theme';

/**
 * Lets a button change between light and dark, from now on.
 *
 * @param {HTMLButtonElement} button
 */
export function setUpTheme(button) {
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const kept = read();
  if (kept) document.documentElement.dataset.theme = kept;
  const isDark = () => (document.documentElement.dataset.theme ?? (dark.matches ? 'dark' : 'light')) === 'dark';
  const show = () => {
    button.textContent = isDark() ? '☀' : '☾';
    button.setAttribute('aria-label', isDark() ? 'Light colours' : 'Dark colours');
    button.title = button.getAttribute('aria-label') ?? '';
  };
  button.addEventListener('click', () => {
    const theme = isDark() ? 'light' : 'dark';
    document.documentElement.dataset.theme = theme;
    try {
      localStorage.setItem(KEY, theme);
    } catch {
      // A browser that keeps nothing forgets this, too.
    }
    show();
  });
  dark.addEventListener('change', show);
  show();
}

/** @returns {string | null} */
function read() {
  try {
    const kept = localStorage.getItem(KEY);
    return kept === 'light' || kept === 'dark' ? kept : null;
  } catch {
    return null;
  }
}
