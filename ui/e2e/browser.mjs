// What the end-to-end tests share: the browser, a demo server of their own, and errors on the pages.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

export const BROWSER = process.env.IRONWOOD_BROWSER ?? '/usr/bin/chromium';
export const hasBrowser = () => existsSync(BROWSER);

const FLAGS = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync',
];

export const launch = () => chromium.launch({ executablePath: BROWSER, headless: true, args: FLAGS });

const freePort = () =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });

/** The databases to test on: SQLite, and PostgreSQL where a server for tests is given. */
export function databases() {
  const server = process.env.IRONWOOD_TEST_POSTGRES;
  const found = [{ name: 'SQLite', options: [], make: () => {}, drop: () => {} }];
  if (!server) {
    console.log('SKIPPED: the end-to-end tests on PostgreSQL need a server in IRONWOOD_TEST_POSTGRES');
    return found;
  }
  const name = `e2e_${process.pid}`;
  const run = (text) => spawnSync('psql', [server, '-qc', text], { stdio: ['ignore', 'ignore', 'inherit'] }).status === 0;
  const make = () => {
    if (!run(`CREATE DATABASE ${name}`)) throw new Error('psql cannot make a database for the tests');
  };
  const address = server.replace(/\/[^/]*$/, `/${name}`);
  found.push({ name: 'PostgreSQL', options: ['--database', address], make, drop: () => run(`DROP DATABASE ${name}`) });
  return found;
}

/** Starts `ironwood serve --demo` in a folder of its own. */
export async function startServer(program, options = []) {
  const folder = mkdtempSync(join(tmpdir(), 'ironwood-e2e-'));
  const port = await freePort();
  const server = spawn(program, ['serve', '--demo', '--listen', `127.0.0.1:${port}`, '--exchange-url', '', ...options], {
    cwd: folder,
    env: { ...process.env, IRONWOOD_ADMIN_USER: 'admin', IRONWOOD_ADMIN_PASSWORD: 'ironwood', RUST_LOG: 'warn' },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  // also where this program is told to end
  const end = () => server.kill('SIGKILL');
  process.once('exit', end);
  const url = `http://127.0.0.1:${port}`;
  for (let tries = 0; ; tries += 1) {
    try {
      await fetch(`${url}/api/`);
      break;
    } catch (error) {
      if (tries > 600 || server.exitCode !== null) throw error;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
  return {
    url,
    stop: async () => {
      const ended = new Promise((resolve) => server.once('exit', resolve));
      server.kill('SIGTERM');
      await ended;
      process.removeListener('exit', end);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A page that collects what goes wrong on it. */
export async function openPage(browser, url, options = {}) {
  const context = await browser.newContext({ baseURL: url, locale: 'en-US', viewport: { width: 1366, height: 820 }, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(30_000);
  const faults = [];
  page.on('console', (message) => {
    // a refused sign-in, and "nobody is signed in", are answers that belong to their pages
    if (message.type() === 'error' && !/401|Failed to load resource/.test(message.text())) faults.push(`console: ${message.text()}`);
  });
  page.on('pageerror', (error) => faults.push(`script: ${error.message}`));
  page.on('requestfailed', (request) => {
    if (!page.isOffline && request.failure()?.errorText !== 'net::ERR_ABORTED') faults.push(`request: ${request.url()} ${request.failure()?.errorText}`);
  });
  page.on('response', (response) => {
    const isSession = /\/api\/user\/me\/|\/api\/auth\//.test(response.url());
    if (response.status() >= 400 && !(isSession && response.status() === 401)) faults.push(`answer: ${response.status()} ${response.url()}`);
  });
  return { page, faults, context };
}

export async function signIn(page, name = 'admin', password = 'ironwood') {
  await page.goto('/');
  await page.getByLabel('User name').fill(name);
  await page.getByLabel('Password').first().fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('link', { name: 'Home' }).waitFor();
}
