// axe-core in a page: what people with disabilities could not use.
import {readFile} from 'node:fs/promises';
import {createRequire} from 'node:module';

const SOURCE = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/**
 * The serious faults of a page, each as its rule and the elements.
 *
 * @param {import('playwright-core').Page} page
 * @returns {Promise<string[]>}
 */
export async function seriousFaults(page) {
  await page.evaluate(SOURCE);
  return page.evaluate(async () => {
    const {violations} = await /** @type {any} */ (globalThis).axe.run();
    return violations
      .filter((/** @type {any} */ one) => ['serious', 'critical'].includes(one.impact))
      .map((/** @type {any} */ one) => `${one.id}: ${one.nodes.map((/** @type {any} */ node) => node.html).join(' ')}`);
  });
}
