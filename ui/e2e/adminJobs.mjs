// Jobs of an administrator, and of a user with their own account.
import assert from 'node:assert/strict';
import { writeTemplate } from './printing.mjs';

const dialog = (page) => page.getByRole('dialog');
/** Status of the answer to a program that has this token. */
const withToken = async (page, token) =>
  (await fetch(new URL('/api/part/?limit=1', page.url()), { headers: { Authorization: `Token ${token}` } })).status;

export const adminJobs = {
  async 'give a colleague a role and a token, and take the token away'(page) {
    // a group that may change stock
    await page.goto('/groups');
    await page.getByRole('button', { name: 'New', exact: true }).click();
    await dialog(page).getByLabel('Name', { exact: false }).fill('stock keepers');
    await dialog(page).getByRole('button', { name: 'Create' }).click();
    await page.getByRole('heading', { name: 'stock keepers' }).waitFor();
    await page.getByLabel('Stock items: Change', { exact: true }).check();
    assert.equal(await page.getByLabel('Stock items: View', { exact: true }).isChecked(), true);
    await page.getByLabel('Parts: View', { exact: true }).check();
    await page.getByRole('button', { name: 'Save permissions' }).click();
    await page.getByText('Permissions saved').waitFor();
    // the colleague
    await page.goto('/users');
    await page.getByRole('button', { name: 'New user' }).click();
    await dialog(page).getByLabel('Username').fill('nora');
    await dialog(page).getByLabel('First name').fill('Nora');
    await dialog(page).getByLabel('Last name').fill('Field');
    await dialog(page).getByLabel('Email').fill('nora@example.org');
    await dialog(page).getByLabel('Groups').click();
    await page.getByRole('option', { name: 'stock keepers' }).click();
    await page.keyboard.press('Escape');
    await dialog(page).getByRole('button', { name: 'Create' }).click();
    // a weak password is refused at its field, a good one is taken
    await page.getByText('Password of nora').waitFor();
    await dialog(page).getByLabel('New password').fill('nora');
    await dialog(page).getByRole('button', { name: 'Set password' }).click();
    await dialog(page).locator('.mantine-InputWrapper-error').first().waitFor();
    await dialog(page).getByLabel('New password').fill('violet-harbor-93');
    await dialog(page).getByRole('button', { name: 'Set password' }).click();
    await page.getByText('Password set').waitFor();
    await page.getByRole('tab', { name: 'Permissions', exact: true }).click();
    assert.equal(await page.getByLabel('Stock items: Change', { exact: true }).isChecked(), true);
    // a token for the colleague, which works
    await page.getByRole('tab', { name: 'API tokens', exact: true }).click();
    await page.getByRole('button', { name: 'New token' }).click();
    await dialog(page).getByRole('button', { name: 'Create token' }).click();
    await dialog(page).getByText('Enter a name for the token').waitFor();
    await dialog(page).getByLabel('Name').fill('warehouse-scale');
    await dialog(page).getByRole('button', { name: 'Create token' }).click();
    const token = (await page.locator('[data-token]').innerText()).trim();
    await dialog(page).getByRole('button', { name: 'Copy', exact: true }).click();
    await dialog(page).getByRole('button', { name: 'Copied' }).waitFor();
    await dialog(page).getByRole('button', { name: 'Done' }).click();
    assert.equal(await withToken(page, token), 200);
    // it shows among everybody's tokens, and is taken away there
    await page.goto('/admin/tokens');
    const row = page.getByRole('row').filter({ hasText: 'warehouse-scale' });
    await row.waitFor();
    assert.equal(await page.getByText(token).count(), 0);
    await row.getByRole('button', { name: 'Revoke' }).click();
    await dialog(page).getByRole('button', { name: 'Revoke' }).click();
    await page.getByText('Token revoked').waitFor();
    await row.waitFor({ state: 'detached' });
    assert.equal(await withToken(page, token), 401);
    await page.getByText('Revoked', { exact: true }).first().click();
    await page.getByRole('row').filter({ hasText: 'warehouse-scale' }).waitFor();
  },

  async 'see who is signed in, and end a session'(page) {
    const context = await page.context().browser().newContext({ baseURL: new URL(page.url()).origin, locale: 'en-US', userAgent: 'Mozilla/5.0 (Windows NT 10.0) Firefox/140.0' });
    const other = await context.newPage();
    await other.goto('/');
    await other.getByLabel('User name').fill('admin');
    await other.getByLabel('Password').first().fill('ironwood');
    await other.getByRole('button', { name: 'Sign in' }).click();
    await other.getByRole('link', { name: 'Home' }).waitFor();
    await page.goto('/admin/sessions');
    const row = page.getByRole('row').filter({ hasText: 'Firefox on Windows' });
    await row.getByText('Ada Stone').waitFor();
    await row.getByRole('button', { name: 'End' }).click();
    await dialog(page).getByRole('button', { name: 'End session' }).click();
    await page.getByText('The session has ended').waitFor();
    await row.waitFor({ state: 'detached' });
    await other.goto('/parts');
    await other.getByLabel('User name').waitFor();
    await context.close();
  },

  async 'change a setting, be refused at its field, and take it back'(page) {
    await page.goto('/admin/settings');
    await page.getByLabel('Search settings').fill('server name');
    const input = page.getByLabel('Server name', { exact: true });
    const before = await input.inputValue();
    await input.fill('Workshop');
    await input.press('Enter');
    await page.getByText('Server name saved').waitFor();
    const stored = await page.evaluate(async () => (await (await fetch('/api/settings/global/INVENTREE_INSTANCE/')).json()).value);
    assert.equal(stored, 'Workshop');
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByText('Undone').waitFor();
    await page.waitForFunction((before) => document.querySelector('[aria-label="Server name"]')?.value === before, before);
    await page.getByLabel('Search settings').fill('between automatic backups');
    await page.getByLabel('Backup interval').fill('many');
    await page.getByLabel('Backup interval').press('Enter');
    await page.locator('.mantine-InputWrapper-error').first().waitFor();
  },

  async 'write a label template and a unit'(page) {
    await page.goto('/label-templates');
    await page.getByRole('button', { name: 'New', exact: true }).click();
    await dialog(page).getByLabel('Name', { exact: false }).first().fill('Small bin');
    await dialog(page).getByLabel('Description', { exact: false }).fill('For small bins');
    await dialog(page).getByLabel('Record type', { exact: false }).click();
    await page.getByRole('option').filter({ hasText: /stock item/i }).first().click();
    await dialog(page).getByRole('button', { name: 'Create' }).click();
    const text = page.getByLabel('Template text');
    await text.waitFor();
    await writeTemplate(page, '{{ item.quantity }}');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByText('Saved', { exact: true }).first().waitFor();
    await page.reload();
    await page.waitForFunction(() => /item.quantity/.test(document.querySelector('[aria-label="Template text"]')?.textContent ?? ''));
    await page.goto('/units');
    await page.getByRole('button', { name: 'New', exact: true }).click();
    await dialog(page).getByLabel('Name', { exact: false }).first().fill('reel_foot');
    await dialog(page).getByLabel('Definition', { exact: false }).fill('12 inch');
    await dialog(page).getByRole('button', { name: 'Create' }).click();
    await page.getByText('reel_foot').first().waitFor();
  },

  async 'change the own password: all faults are said at their fields'(page) {
    await page.goto('/profile/security');
    await page.getByRole('button', { name: 'Change password' }).click();
    await page.getByText('Enter your current password.').waitFor();
    await page.getByLabel('Current password').fill('wrong');
    await page.getByLabel('New password', { exact: true }).fill('copper-lantern-58');
    await page.getByLabel('Repeat new password').fill('copper-lantern-59');
    await page.getByRole('button', { name: 'Change password' }).click();
    await page.getByText('The passwords do not match.').waitFor();
    await page.getByLabel('Repeat new password').fill('copper-lantern-58');
    await page.getByRole('button', { name: 'Change password' }).click();
    await page.getByText('Current password is wrong.').waitFor();
  },
};
