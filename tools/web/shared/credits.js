/** Who is shown, by whom, and what may be done with it: what a page owes the makers of a character. */

/** @typedef {import('../engines/web/index.js').Character} Character */

/**
 * Shows it.
 *
 * @param {HTMLElement} place
 * @param {Character} character
 */
export function showCredits(place, character) {
  place.replaceChildren(...creditLines(character).map((line) => {
    const paragraph = document.createElement('p');
    paragraph.className = 'quiet';
    paragraph.textContent = line;
    return paragraph;
  }));
}

/**
 * One line about the character, and one for each work that it was made with.
 *
 * @param {Pick<Character, 'name' | 'author' | 'licence' | 'credits'>} character
 * @returns {string[]}
 */
export function creditLines({ name, author, licence, credits }) {
  const by = author ? ` by ${author}` : '';
  const under = licence ? `licence: ${licence}` : 'no licence is named: ask its maker before you use it';
  return [
    `${name || 'A character without a name'}${by}; ${under}.`,
    ...credits.map((credit) => {
      const terms = credit.terms ? ` (${credit.terms})` : '';
      const link = credit.link ? `, ${credit.link}` : '';
      return `Made with ${credit.work} by ${credit.creator}, ${credit.licence}${terms}${link}`;
    }),
  ];
}
