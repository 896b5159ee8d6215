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

/** Paths of lists with the API's list, and the pages of areas. */
export async function walkPages(browser, url, kinds, pages, log) {
  const { page, faults, context } = await openPage(browser, url);
  await signIn(page);
  const wrong = [];
  const settle = settling(page);
  const note = (path) => {
    if (faults.length) wrong.push(...faults.splice(0).map((fault) => `${path}: ${fault}`));
  };
  let count = 0;
  for (const path of pages) {
    await page.goto(path);
    await settle();
    wrong.push(...(await violations(page)).map((fault) => `${path}: ${fault}`));
    note(path);
    count += 1;
  }
  for (const { path, api } of kinds) {
    await page.goto(`/${path}`);
    await settle();
    if ((await page.getByText('This page could not be displayed').count()) > 0) wrong.push(`/${path}: it failed`);
    wrong.push(...(await violations(page)).map((fault) => `/${path}: ${fault}`));
    note(`/${path}`);
    count += 1;
    const rows = await page.evaluate(async (list) => (await (await fetch(`${list}?limit=1`)).json()).results, api);
    if (!rows?.length) continue;
    await page.goto(`/${path}/${rows[0].pk}`);
    await settle();
    wrong.push(...(await violations(page)).map((fault) => `/${path}/${rows[0].pk}: ${fault}`));
    const tabs = await page.getByRole('tab').count();
    for (let at = 0; at < tabs; at += 1) {
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
