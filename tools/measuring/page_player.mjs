// The poser page in Chromium, for bench_page.py: how soon it shows a character, and what a second of its life takes.
//
//     node page_player.mjs SITE CHROMIUM PACKAGES VISITS SECONDS
//
// PACKAGES: the folder node_modules with playwright-core. Prints JSON: {visits: [{rest, alive}], life: {...}}; times in
// milliseconds, of processor time but for visits.
import {createRequire} from 'node:module';
import path from 'node:path';

const [site, executablePath, packages, visits, seconds] = process.argv.slice(2);
const {chromium} = createRequire(path.join(packages, 'package.json'))('playwright-core');
const page = `${site}poser/?engine=wasm`;
const PATIENCE = 300_000;

/** Notes when the page first shows its character's own picture, and when that lives: before any of its scripts run. */
function watch() {
  const seen = (window.seen = {rest: 0, alive: 0});
  const look = () => {
    const canvas = document.querySelector('#stage canvas');
    // The first canvas is empty, and has the size that all have without being told.
    if (!seen.rest && canvas && canvas.width !== 300) {
      seen.rest = performance.now();
    }
    if (!seen.alive && document.getElementById('engine')?.textContent.startsWith('WebAssembly')) {
      seen.alive = performance.now();
    }
  };
  new MutationObserver(look).observe(document, {childList: true, subtree: true, characterData: true});
}

/** What a browser's processes have used, by their kind, in milliseconds. */
async function processorTimes(session) {
  const {processInfo} = await session.send('SystemInfo.getProcessInfo');
  const times = {};
  for (const {type, cpuTime} of processInfo) {
    times[type] = (times[type] ?? 0) + 1000 * cpuTime;
  }
  return times;
}

/** What the page's own thread has used, in milliseconds of processor time. */
async function threadTimes(session) {
  const {metrics} = await session.send('Performance.getMetrics');
  const of = (name) => 1000 * (metrics.find((one) => one.name === name)?.value ?? 0);
  const look = of('LayoutDuration') + of('RecalcStyleDuration');
  return {task: of('TaskDuration'), script: of('ScriptDuration'), look};
}

const difference = (after, before) =>
  Object.fromEntries(Object.keys(after).map((name) => [name, after[name] - (before[name] ?? 0)]));

const browser = await chromium.launch({executablePath, args: ['--no-sandbox', '--disable-dev-shm-usage']});
const context = await browser.newContext({viewport: {width: 1440, height: 900}, reducedMotion: 'no-preference'});
await context.addInitScript(watch);
const tab = await context.newPage();
tab.setDefaultTimeout(PATIENCE);
const answer = {visits: [], life: {}};
// The first visit fills the cache.
for (let visit = 0; visit <= Number(visits); visit += 1) {
  await tab.goto('about:blank');
  await tab.goto(page);
  await tab.waitForFunction(() => window.seen.alive);
  if (visit) {
    answer.visits.push(await tab.evaluate(() => window.seen));
  }
}
const inPage = await context.newCDPSession(tab);
const inBrowser = await browser.newBrowserCDPSession();
await inPage.send('Performance.enable', {timeDomain: 'threadTicks'});
// Each picture is told of where the page tells what it costs.
await tab.evaluate(() => {
  window.pictures = 0;
  const show = ImageBitmapRenderingContext.prototype.transferFromImageBitmap;
  ImageBitmapRenderingContext.prototype.transferFromImageBitmap = function (bitmap) {
    window.pictures += 1;
    return show.call(this, bitmap);
  };
});
const pictures = () => tab.evaluate(() => window.pictures);
const before = [await pictures(), await threadTimes(inPage), await processorTimes(inBrowser), performance.now()];
await tab.waitForTimeout(1000 * Number(seconds));
const after = [await pictures(), await threadTimes(inPage), await processorTimes(inBrowser), performance.now()];
answer.life = {
  pictures: after[0] - before[0],
  milliseconds: after[3] - before[3],
  page: difference(after[1], before[1]),
  processes: difference(after[2], before[2]),
};
await browser.close();
console.log(JSON.stringify(answer));
