// End-to-end tests: node e2e/run.mjs PROGRAM, or --url http://… of a server on demo data (admin / ironwood).
// With --only WORDS just the jobs whose name matches this regular expression; with --on NAME just that database (SQLite, PostgreSQL);
// with --pages DIR the pages that are built there, not the program's.
import { readdirSync, readFileSync } from 'node:fs';
import { actions } from './actions.mjs';
import { databases, hasBrowser, launch, openPage, signIn, startServer } from './browser.mjs';
import { importing } from './importing.mjs';
import { jobs } from './jobs.mjs';
import { withPages } from './newPages.mjs';
import { offline } from './offline.mjs';
import { walkPages } from './pages.mjs';
import { printing } from './printing.mjs';
import { scanning } from './scanning.mjs';
import { shop } from './shop.mjs';
import { trade } from './trade.mjs';

const option = (name) => {
  const at = process.argv.indexOf(name);
  return at < 0 ? undefined : process.argv[at + 1];
};
if (!hasBrowser()) {
  console.log('SKIPPED: the end-to-end tests need chromium');
  process.exit(0);
}

/** What the areas' descriptions say of kinds and pages. */
function described() {
  const root = new URL('../src/areas/', import.meta.url);
  const texts = readdirSync(root).flatMap((area) => {
    try {
      return [readFileSync(new URL(`${area}/index.ts`, root), 'utf8')];
    } catch {
      return [];
    }
  });
  const kinds = texts.flatMap((text) =>
    text.split(/model: '/).slice(1).flatMap((part) => {
      const path = /path: '([^']+)'/.exec(part)?.[1];
      const api = /api: '([^']+)'/.exec(part)?.[1];
      return path && api && part.includes('load:') ? [{ path, api }] : [];
    }),
  );
  const pages = texts.flatMap((text) => [...text.matchAll(/\{ path: '([^']*)', title:/g)].map((found) => `/${found[1]}`));
  return { kinds, pages };
}

const WALK = 'every page opens';
const given = option('--url');
const only = option('--only');
const folder = option('--pages');
const on = option('--on');
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));
const started = Date.now();
const browser = await launch();
/** Up to so many jobs of a database are tried again, on a new server: a machine under load can be late for one. */
const AGAIN = 3;
let failed = 0;
let passed = 0;
/** Names of jobs that failed on the present database. */
let late = [];

function report(name, problems, job) {
  if (problems.length === 0) passed += 1;
  else late.push(job);
  console.log(problems.length ? `FAILED ${name}\n  ${problems.join('\n  ')}` : `ok ${name}`);
}

async function runAll(url, on, checksAccess = true, wanted = (name) => !only || new RegExp(only).test(name)) {
  const first = await openPage(browser, url);
  await signIn(first.page);
  const storageState = await first.context.storageState();
  await first.context.close();
  for (const [name, run] of Object.entries({ ...jobs, ...actions, ...offline, ...scanning, ...importing, ...printing, ...trade, ...shop })) {
    if (!wanted(name)) continue;
    // the ending of a session is a job of its own
    const { page, faults, context } = await openPage(browser, url, name in offline ? {} : { storageState });
    const problems = [];
    const since = Date.now();
    try {
      if (name in offline) await signIn(page);
      else await page.goto('/');
      await run(page);
    } catch (error) {
      problems.push(String(error.message ?? error).split('\n').slice(0, 4).join(' '));
      await page.screenshot({ path: `/tmp/ironwood-e2e-${name.replace(/\W+/g, '-')}.png` }).catch(() => {});
    }
    // a refused form is an answer that its job wants
    report(`${on}: ${name} (${((Date.now() - since) / 1000).toFixed(1)} s)`, [...problems, ...faults.filter((fault) => !/answer: 400/.test(fault))], name);
    await context.close();
  }
  if (!wanted(WALK)) return;
  const { kinds, pages } = described();
  const since = Date.now();
  const problems = await walkPages(browser, url, kinds, pages, (text) => console.log(text), checksAccess);
  report(`${on}: ${WALK} (${((Date.now() - since) / 1000).toFixed(1)} s)`, problems, WALK);
}

if (given) {
  const pages = folder ? await withPages(folder, given) : undefined;
  await runAll(pages?.url ?? given, given);
  await pages?.stop();
} else {
  const onServer = async ({ name, options, make, drop }, wanted) => {
    make();
    const server = await startServer(process.argv[2], options);
    const pages = folder ? await withPages(folder, server.url) : undefined;
    try {
      await runAll(pages?.url ?? server.url, name, name === 'SQLite' || on === name, wanted);
    } finally {
      await pages?.stop();
      await server.stop();
      drop();
    }
  };
  for (const database of databases().filter(({ name }) => !on || name === on)) {
    await onServer(database);
    const again = late;
    if (again.length > 0 && again.length <= AGAIN) {
      late = [];
      console.log(`again: ${again.join('; ')}`);
      await onServer(database, (job) => again.includes(job));
    }
    failed += late.length;
    late = [];
  }
}
failed += late.length;
await browser.close();
console.log(`${((Date.now() - started) / 1000).toFixed(0)} s`);
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
