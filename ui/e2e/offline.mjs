// The installed pages while the server cannot be reached, and after the end of a session.
import assert from 'node:assert/strict';

const rows = (page) => page.getByText(/^Board #/);

/** Opens pages once more, now through the worker, so that it keeps what they show. */
async function visit(page) {
  await page.evaluate(async () => {
    const { active } = await window.navigator.serviceWorker.ready;
    return active?.state;
  });
  for (const path of ['/parts', '/']) {
    await page.goto(path);
    await page.waitForLoadState('networkidle');
  }
  await page.goto('/parts');
  await rows(page).nth(2).waitFor();
  await page.waitForLoadState('networkidle');
}
const seen = (page) => page.evaluate(async () => ((await window.caches.has('ironwood-seen-1')) ? (await (await window.caches.open('ironwood-seen-1')).keys()).length : 0));

export const offline = {
  'pages that were seen are read while the server cannot be reached, and nothing is left after signing out': async (page) => {
    await visit(page);
    assert.ok((await seen(page)) > 0, 'answers are kept');
    page.isOffline = true;
    await page.context().setOffline(true);
    await page.reload();
    await page.getByText('The server cannot be reached. You are viewing data from').waitFor();
    await rows(page).nth(2).waitFor();
    await page.context().setOffline(false);
    await page.reload();
    await rows(page).nth(2).waitFor();
    await page.getByLabel('Account').click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await page.getByLabel('User name').waitFor();
    assert.equal(await seen(page), 0, 'nothing of the user is left');
    await page.context().setOffline(true);
    await page.goto('/parts').catch(() => {});
    await page.waitForTimeout(1500);
    assert.equal(await rows(page).count(), 0, 'no rows are shown to whoever comes next');
    await page.context().setOffline(false);
  },
};
