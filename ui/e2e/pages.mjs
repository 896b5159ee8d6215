// Every page opens without an error on it: lists, the first record of each with all tabs, pages of areas.
import { violations } from './access.mjs';
import { openPage, signIn } from './browser.mjs';

/** How long nothing is asked any more before a page counts as open. */
const QUIET = 120;
const MOST = 10_000;

/** A function that waits until the page has what it asked for, and shows it. */
function settling(page) {
  let open = 0;
  let since = Date.now();
  const change = (by) => () => {
    open = Math.max(0, open + by);
    since = Date.now();
  };
  page.on('request', change(1));
  page.on('requestfinished', change(-1));
  page.on('requestfailed', change(-1));
  return async () => {
    const start = Date.now();
    since = start;
    while ((open > 0 || Date.now() - since < QUIET) && Date.now() - start < MOST) await page.waitForTimeout(20);
  };
}

/** Goes to a page as a click does: without loading all scripts again. */
const go = (page, path) =>
  page.evaluate((path) => {
    window.history.pushState({}, '', path);
    window.dispatchEvent(new window.PopStateEvent('popstate', { state: {} }));
  }, path);

/** Paths of lists with the API's list, and the pages of areas. Accessibility is that of the pages, whatever the database is. */
export async function walkPages(browser, url, kinds, pages, log, checksAccess) {
  const { page, faults, context } = await openPage(browser, url);
  await signIn(page);
  const wrong = [];
  const settle = settling(page);
  const note = (path) => {
    if (faults.length) wrong.push(...faults.splice(0).map((fault) => `${path}: ${fault}`));
  };
  const check = async (path) => {
    if ((await page.getByText('This page could not be displayed').count()) > 0) wrong.push(`${path}: it failed`);
    if (checksAccess) wrong.push(...(await violations(page)).map((fault) => `${path}: ${fault}`));
    note(path);
    count += 1;
  };
  let count = 0;
  for (const path of pages) {
    await page.goto(path);
    await settle();
    await check(path);
  }
  for (const { path, api } of kinds) {
    await page.goto(`/${path}`);
    await settle();
    await check(`/${path}`);
    const rows = await page.evaluate(async (list) => (await (await fetch(`${list}?limit=1`)).json()).results, api);
    if (!rows?.length) continue;
    await go(page, `/${path}/${rows[0].pk}`);
    await settle();
    await page.getByRole('tab').first().waitFor();
    await check(`/${path}/${rows[0].pk}`);
    const tabs = await page.getByRole('tab').count();
    // the first one is open
    for (let at = 1; at < tabs; at += 1) {
      await page.getByRole('tab').nth(at).click();
      await settle();
      if ((await page.getByText('This page could not be displayed').count()) > 0) wrong.push(`${page.url()}: it failed`);
      note(page.url());
      count += 1;
    }
  }
  log(`${count} pages opened`);
  await context.close();
  return wrong;
}
