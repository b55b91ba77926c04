// A real Chromium over a small server of its own, for tests. CASES names a folder of what Python has made, served as
// /cases/; the engine is served as /engines/web/; CHROMIUM names the browser.

import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';

import { chromium } from 'playwright-core';

const ROOT = fileURLToPath(new URL('../../../../', import.meta.url));
const FOLDERS = { '/engines/web/': join(ROOT, 'tha4_core/engines/web/'), '/cases/': `${process.env.CASES}/` };
const TYPES = { '.js': 'text/javascript', '.json': 'application/json', '.wasm': 'application/wasm' };
const PAGE = `<!doctype html><meta charset="utf-8"><title>test</title><body style="margin:0;background:#000"></body>`;
/** As the project's own pages have it. */
const POLICY = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self'; style-src 'unsafe-inline'; img-src data:";
/** A busy machine starts a browser slowly. */
const PATIENCE_MS = 180_000;
/** What a WebGPU canvas needs where there is no graphics card. */
const SOFTWARE_GPU = [
  ...['--enable-unsafe-webgpu', '--use-angle=swiftshader', '--enable-unsafe-swiftshader', '--ignore-gpu-blocklist'],
  ...['--enable-gpu', '--enable-features=Vulkan', '--use-vulkan=swiftshader', '--disable-gpu-watchdog'],
];

/** @param {Record<string, string>} headers what else the server sends, by which a page may be forbidden things */
export async function openSite(headers = {}) {
  const server = createServer(async ({ url }, answer) => {
    const path = normalize(decodeURIComponent(new URL(url, 'http://x').pathname));
    const folder = Object.keys(FOLDERS).find((name) => path.startsWith(name));
    try {
      const body = folder ? await readFile(join(FOLDERS[folder], path.slice(folder.length))) : path === '/' && PAGE;
      if (!body) {
        throw new Error('there is no such file');
      }
      const type = folder ? (TYPES[extname(path)] ?? 'application/octet-stream') : 'text/html';
      answer.writeHead(200, { 'Content-Type': type, 'Content-Security-Policy': POLICY, ...headers }).end(body);
    } catch {
      answer.writeHead(404).end();
    }
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${server.address().port}/`, close: () => server.close() };
}

/** @param {{ gpu?: boolean }} options */
export function openBrowser({ gpu = false } = {}) {
  return chromium.launch({
    executablePath: process.env.CHROMIUM,
    timeout: PATIENCE_MS,
    args: ['--no-sandbox', ...(gpu ? SOFTWARE_GPU : [])],
  });
}

/**
 * A page with the engine's modules as `web`, and what tests use of it. `before` runs in it first.
 *
 * @param {import('playwright-core').Browser} browser
 * @param {string} url
 * @param {() => void} [before]
 */
export async function openPage(browser, url, before = () => {}) {
  const context = await browser.newContext({ viewport: { width: 256, height: 512 } });
  context.setDefaultTimeout(PATIENCE_MS);
  const page = await context.newPage();
  page.problems = [];
  page.on('pageerror', (error) => page.problems.push(String(error)));
  page.on('console', (message) => message.type() === 'error' && page.problems.push(message.text()));
  await page.addInitScript(before);
  await page.goto(url);
  await page.evaluate(async () => {
    window.web = await import('/engines/web/index.js');
    window.notices = [];
    const bytes = async (path) => (await fetch(path)).arrayBuffer();
    window.open_ = async (file, options) => {
      const character = await web.readCharacter(await bytes(`/cases/${file}`));
      return web.createEngine(character, { onNotice: (sentence) => notices.push(sentence), ...options });
    };
    window.psnr = (one, other) => {
      let sum = 0;
      for (let at = 0; at < one.length; at += 4) {
        const [a, b] = [one[at + 3] / 255, other[at + 3] / 255];
        for (let channel = 0; channel < 3; channel += 1) {
          sum += (one[at + channel] * a - other[at + channel] * b) ** 2;
        }
        sum += (one[at + 3] - other[at + 3]) ** 2;
      }
      return one.length === other.length && sum === 0 ? Infinity : 10 * Math.log10(255 ** 2 / (sum / one.length));
    };
    window.likeness = async (engine, { pose, region, scale, pixels }) => {
      const picture = await engine.render(pose, { region, scale });
      return psnr(picture.data, new Uint8Array(await bytes(`/cases/${pixels}`)));
    };
    // How far what a screenshot shows is from the engine's picture over the page's green.
    window.seenDifference = async (one, url) => {
      const picture = await engine.render(one.pose, one);
      const image = new Image();
      image.src = url;
      await image.decode();
      const context = new OffscreenCanvas(image.width, image.height).getContext('2d');
      context.drawImage(image, 0, 0);
      const seen = context.getImageData(0, 0, picture.width, picture.height).data;
      let largest = 0;
      for (let at = 0; at < seen.length; at += 1) {
        const alpha = picture.data[at - (at % 4) + 3] / 255;
        const wanted = at % 4 === 3 ? 255 : picture.data[at] * alpha + (at % 4 === 1 ? 255 * (1 - alpha) : 0);
        largest = Math.max(largest, Math.abs(seen[at] - wanted));
      }
      return largest;
    };
    window.sum = async (data) => {
      const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', data));
      return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
    };
  });
  return page;
}
