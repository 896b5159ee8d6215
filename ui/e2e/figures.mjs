// Figures of the pages in a headless browser: node e2e/figures.mjs URL [CLICKS]   (of a server on `--demo --scale 200`,
// admin / ironwood): bytes of script and first paint of the first page, the time of each later page until its rows are
// shown, the part of it that was waiting for the server, the work of the page's own thread; the same for clicks of a pointer that
// rests on the link for a moment first; and memory after many changes of pages. A third argument ends the clicking after so many minutes; a fourth is
// how many milliseconds a page is looked at.
import { launch, openPage, signIn } from './browser.mjs';

const [url, clicks = '2000', minutes = '15', look = '0'] = process.argv.slice(2);
const REPEATS = 5;
const median = (numbers) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0;
const round = (number) => Math.round(number);

const browser = await launch();
const { page, context } = await openPage(browser, url);
page.setDefaultTimeout(120_000);
await signIn(page);

// the first page, with nothing kept
const fresh = await browser.newContext({ baseURL: url, storageState: await context.storageState(), serviceWorkers: 'block' });
const first = await fresh.newPage();
const cdp = await fresh.newCDPSession(first);
await cdp.send('Network.enable');
let scripts = 0;
const sent = new Map();
cdp.on('Network.responseReceived', ({ requestId, type }) => type === 'Script' && sent.set(requestId, true));
cdp.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => { if (sent.has(requestId)) scripts += encodedDataLength; });
await first.goto('/parts');
await first.locator('main tbody tr td').nth(3).waitFor();
const paint = await first.evaluate(() => window.performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0);
console.log(`script of the first page with all that it loads: ${round(scripts / 1000)} kB compressed`);
console.log(`first contentful paint: ${round(paint)} ms`);
await fresh.close();

const memory = await context.newCDPSession(page);
// of the page's thread, so that other programs of this machine do not count
await memory.send('Performance.enable', { timeDomain: 'threadTicks' });
const worked = async () => 1000 * ((await memory.send('Performance.getMetrics')).metrics.find(({ name }) => name === 'TaskDuration')?.value ?? 0);

/** Goes to a page as a click does, and measures until what is waited for is there. */
async function visit(to, selector) {
  const before = await worked();
  const times = await page.evaluate(async ([to, selector]) => {
    window.performance.clearResourceTimings();
    // what is still there of the page before does not count
    for (const element of document.querySelectorAll('main *')) element.dataset.old = '1';
    const isThere = () => {
      const found = [...document.querySelectorAll(selector)].find((element) => !element.dataset.old || selector === 'main');
      return found && window.location.pathname + window.location.search === to && !document.querySelector('main .mantine-Skeleton-root');
    };
    const start = window.performance.now();
    window.history.pushState({}, '', to);
    window.dispatchEvent(new window.PopStateEvent('popstate', { state: {} }));
    while (!isThere()) {
      if (window.performance.now() - start > 60_000) throw new Error(`${to} does not show ${selector}`);
      await new Promise((resolve) => setTimeout(resolve, 4));
    }
    await new Promise((resolve) => window.requestAnimationFrame(() => setTimeout(resolve, 0)));
    const whole = window.performance.now() - start;
    // waiting for the server: the time in which at least one request was open
    const spans = window.performance.getEntriesByType('resource').filter(({ name }) => name.includes('/api/')).map(({ startTime, responseEnd }) => [startTime, Math.min(responseEnd, start + whole)]).sort((a, b) => a[0] - b[0]);
    let waited = 0;
    let until = 0;
    for (const [from, to] of spans) {
      waited += Math.max(0, to - Math.max(from, until));
      until = Math.max(until, to);
    }
    return { whole, waited };
  }, [to, selector]);
  return { ...times, work: (await worked()) - before };
}

const ROWS = 'main tbody tr[class] td';
// records of any demo data, large or small
const key = (list) => page.evaluate(async (list) => (await (await fetch(`${list}&limit=1`)).json()).results[0].pk, list);
const ASSEMBLY = await key('/api/part/?assembly=true&active=true');
const ITEM = await key('/api/stock/?in_stock=true&ordering=-quantity');
const PAGES = [
  ['/parts', ROWS], ['/parts?q=resistor', ROWS], [`/parts/${ASSEMBLY}`, 'main [role=tabpanel] tr'], [`/parts/${ASSEMBLY}/stock`, ROWS], [`/parts/${ASSEMBLY}/bom`, 'main [role=tabpanel] tbody tr'],
  ['/categories', 'main [role=treeitem], main a'], ['/stock', ROWS], ['/stock?sort=-quantity', ROWS], [`/stock/${ITEM}`, 'main [role=tabpanel] tr'], ['/locations', 'main [role=treeitem], main a'],
  ['/builds', ROWS], ['/purchase-orders', ROWS], ['/sales-orders', ROWS], ['/companies', ROWS], ['/supplier-parts', ROWS], ['/', 'main [data-widget]'],
];
console.log('page: until it is shown / of it waiting for the server / work of its thread (ms); the first time, then the median of the next, with answers that are kept');
for (const [to, selector] of PAGES) {
  const times = [];
  for (let at = 0; at <= REPEATS; at += 1) {
    await visit('/profile', 'main');
    await page.waitForTimeout(150);
    try {
      times.push(await visit(to, selector));
    } catch (error) {
      console.log(String(error.message).split('\n')[0]);
      break;
    }
  }
  if (times.length <= REPEATS) continue;
  const [once, ...again] = times;
  const line = (times) => ['whole', 'waited', 'work'].map((name) => round(median(times.map((time) => time[name])))).join(' / ');
  console.log(`${to}: ${line([once])}, then ${line(again)}`);
}

/** How long a pointer rests on a link before it is pressed. */
const REST = 150;
/** What is kept is old by then, and asked for again. */
const OLD = 5_500;

/** Clicks a link as a person does; from the click until rows are shown. */
async function press(link, selector) {
  await link.hover();
  await page.waitForTimeout(REST);
  await page.evaluate(() => {
    for (const element of document.querySelectorAll('main *')) element.dataset.old = '1';
    window.addEventListener('click', () => (window.pressed = window.performance.now()), { once: true, capture: true });
  });
  await link.click();
  return page.evaluate(async (selector) => {
    const isThere = () => [...document.querySelectorAll(selector)].some((element) => !element.dataset.old) && !document.querySelector('main .mantine-Skeleton-root');
    while (!isThere()) await new Promise((resolve) => setTimeout(resolve, 2));
    await new Promise((resolve) => window.requestAnimationFrame(() => setTimeout(resolve, 0)));
    return window.performance.now() - window.pressed;
  }, selector);
}
console.log('page, by a click after the pointer has rested on its link: the first time, then the median of the next, each with new answers (ms)');
const LINKS = [
  ['Parts', ROWS], ['Stock', ROWS], ['Categories', 'main [role=treeitem], main a'], ['Locations', 'main [role=treeitem], main a'], ['Build orders', ROWS], ['Purchase orders', ROWS],
  ['Sales orders', ROWS], ['Companies', ROWS], ['Supplier parts', ROWS], ['Home', 'main [data-widget]'],
];
const linkTo = (name) => page.locator('nav').getByRole('link', { name, exact: true });
await page.reload();
await linkTo('Home').waitFor();
await page.waitForTimeout(8_000);
const clicked = new Map([...LINKS.map(([name]) => name), 'a part', 'a stock item', 'an order', 'a build order', 'a company'].map((name) => [name, []]));
const RECORDS = { Parts: 'a part', Stock: 'a stock item', 'Purchase orders': 'an order', 'Build orders': 'a build order', Companies: 'a company' };
for (let at = 0; at <= REPEATS; at += 1) {
  for (const [name, selector] of LINKS) {
    clicked.get(name).push(await press(linkTo(name), selector));
    if (!RECORDS[name]) continue;
    const row = page.locator('main tbody tr[data-to]').nth(at).locator('td').nth(3);
    clicked.get(RECORDS[name]).push(await press(row, 'main [role=tabpanel] td, main [role=tabpanel] tr'));
  }
  await page.waitForTimeout(OLD);
}
for (const [name, [once, ...again]] of clicked) console.log(`${name}: ${round(once)}, then ${round(median(again))}`);

await memory.send('HeapProfiler.enable');
async function heap() {
  await memory.send('HeapProfiler.collectGarbage');
  const { usedSize } = await memory.send('Runtime.getHeapUsage');
  const { nodes } = await memory.send('Memory.getDOMCounters');
  return `${(usedSize / 1e6).toFixed(1)} MB, ${nodes} nodes`;
}
console.log(`memory before: ${await heap()}`);
const MOST = Number(minutes) * 60_000;
const OTHERS = 50;
const since = Date.now();
let done = 0;
for (; done < Number(clicks) && Date.now() - since < MOST; done += 1) {
  const [to, selector] = PAGES[done % PAGES.length];
  // as somebody who looks at ever other records
  const path = to.replace(/\/(\d+)/, (_, key) => `/${Number(key) + (done % OTHERS)}`);
  await visit(path, path === to ? selector : 'main h2').catch((error) => console.log(String(error.message).split('\n')[0]));
  await page.waitForTimeout(Number(look));
  if (done % 500 === 499) console.log(`memory after ${done + 1} pages: ${await heap()}`);
}
console.log(`memory after ${done} pages in ${round((Date.now() - since) / 1000)} s: ${await heap()}`);
await browser.close();
