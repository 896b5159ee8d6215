// The page at /api-doc/: with and without a session, within its content policy; and the guide's own program.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { openPage } from './browser.mjs';

const run = promisify(execFile);
const guide = readFileSync(new URL('../src/apidoc/guide.md', import.meta.url), 'utf8');

/** Chooses an operation by the search. */
async function find(page, words, address) {
  await page.getByRole('button', { name: /Search/ }).first().click();
  await page.keyboard.type(words);
  await page.getByRole('option').filter({ hasText: address }).first().click();
}

/** Sends the request that is open, and gives the status. */
async function send(page) {
  const answer = page.waitForResponse((response) => /\/api\/user\/me\/$/.test(response.url()));
  await page.getByRole('button', { name: /^Send/ }).first().click();
  return (await answer).status();
}

/** The viewer is a large script: a machine that is busy takes its time. */
const PATIENCE = 60_000;

export const apiDocJobs = {
  async 'read the guide and try a request as the signed-in user'(page) {
    page.setDefaultTimeout(PATIENCE);
    await page.goto('/api-doc/');
    await page.getByText('Signed in as admin').waitFor();
    for (const title of ['Authentication', 'Lists', 'Errors', 'From part to shipment', 'Importing files']) {
      await page.getByRole('heading', { name: title, exact: true }).waitFor();
    }
    assert.equal(await page.getByRole('link', { name: 'API tokens', exact: true }).first().getAttribute('href'), './profile/tokens');
    await find(page, 'user me', /api.user.me.\s*$/);
    await page.getByText('Authorization: Token YOUR_TOKEN').first().waitFor();
    await page.getByRole('button', { name: /Test Request.*\/api\/user\/me\/\)?$/s }).first().click();
    assert.equal(await send(page), 200);
    await page.getByText('200 OK').waitFor();
  },

  async 'the page about the API works before anybody signs in'(signedIn) {
    const { origin } = new URL(signedIn.url());
    const { page, faults, context } = await openPage(signedIn.context().browser(), origin);
    page.setDefaultTimeout(PATIENCE);
    await page.goto('/api-doc/');
    await page.getByText('Sign in to try requests').waitFor();
    await page.getByRole('heading', { name: 'Authentication', exact: true }).waitFor();
    await context.close();
    assert.deepEqual(faults, []);
  },

  async 'the program of the guide runs as it stands'(page) {
    try {
      await run('python3', ['-c', 'import requests']);
    } catch {
      console.log('SKIPPED: the program of the guide needs Python with requests');
      return;
    }
    const text = /```python\n(.*?)```/s.exec(guide.split('# From part to shipment')[1])[1];
    // names of their own, so that it can run again on the same server
    const program = text.replace(/"(Lamps|Desk lamp|Lamp shelf|Corner Office)"/g, `"$1 ${Date.now()}"`);
    const made = await page.evaluate(async () => {
      const csrf = document.cookie.split('; ').find((pair) => pair.startsWith('csrftoken='))?.slice(10);
      const answer = await fetch('/api/user/tokens/', {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', 'X-CSRFToken': csrf },
        body: JSON.stringify({ name: 'guide' }),
      });
      return (await answer.json()).token;
    });
    const { origin } = new URL(page.url());
    const { stdout } = await run('python3', ['-c', program], { env: { ...process.env, IRONWOOD: origin, TOKEN: made } });
    assert.match(stdout, /has been shipped, 6 lamps are left/);
  },
};
