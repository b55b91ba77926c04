// A real Chromium, in which pages of the served site are opened; what goes wrong there is remembered.
import assert from 'node:assert/strict';

import {chromium} from 'playwright-core';

/** Where the site is served, with a slash at its end. */
const SITE = process.env.SITE_URL ?? '';

/**
 * @param {string[]} [flags] more of Chromium's
 */
export async function openBrowser(flags = []) {
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM,
    // A test may be run by root, and in a container.
    args: ['--no-sandbox', '--disable-dev-shm-usage', ...flags],
  });
  /** @type {string[]} */
  let problems = [];
  /** @type {string[]} */
  const elsewhere = [];

  return {
    site: SITE,

    /**
     * A new page.
     *
     * @param {import('playwright-core').BrowserContextOptions} [options]
     */
    async open(options = {}) {
      const context = await browser.newContext({viewport: {width: 1440, height: 900}, ...options});
      await context.grantPermissions(['clipboard-read', 'clipboard-write'], {origin: new URL(SITE).origin});
      const page = await context.newPage();
      page.on('console', (message) => {
        if (['error', 'warning'].includes(message.type())) {
          problems.push(message.text());
        }
      });
      page.on('pageerror', (error) => problems.push(String(error)));
      page.on('request', (request) => {
        const {protocol, origin} = new URL(request.url());
        if (protocol.startsWith('http') && origin !== new URL(SITE).origin) {
          elsewhere.push(request.url());
        }
      });
      return page;
    },

    /** Something has gone wrong as it should. @param {RegExp} pattern */
    expectProblem(pattern) {
      assert.ok(problems.some((one) => pattern.test(one)), `nothing like ${pattern} was said`);
      problems = problems.filter((one) => !pattern.test(one));
    },

    /** Something may have gone wrong: that depends on the machine. @param {RegExp} pattern */
    ignoreProblem(pattern) {
      problems = problems.filter((one) => !pattern.test(one));
    },

    /** Nothing else has gone wrong, and no other host was asked for anything. */
    check() {
      assert.deepEqual(problems, []);
      assert.deepEqual(elsewhere, []);
    },

    close: () => browser.close(),
  };
}
