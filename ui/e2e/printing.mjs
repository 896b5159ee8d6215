// Jobs with labels and their templates.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { dialog } from './steps.mjs';

const editor = (page) => page.getByLabel('Template text');
/** Writes as a person does: brackets and tags close themselves meanwhile. */
export async function writeTemplate(page, text) {
  await editor(page).click();
  await page.keyboard.press('ControlOrMeta+a');
  await page.keyboard.press('Delete');
  await editor(page).pressSequentially(text, { delay: 60 });
}

export const printing = {
  async 'write a label template: names are completed, an error is at its line, the preview follows'(page) {
    await page.goto('/label-templates');
    await page.getByRole('button', { name: 'New', exact: true }).click();
    await dialog(page).getByLabel('Name', { exact: false }).first().fill(`Drawer front ${Date.now()}`);
    await dialog(page).getByLabel('Description', { exact: false }).fill('For the fronts of drawers');
    await dialog(page).getByLabel('Record type', { exact: false }).click();
    await page.getByRole('option', { name: 'Part', exact: true }).click();
    await dialog(page).getByRole('button', { name: 'Create' }).click();
    await editor(page).waitFor();
    await page.getByRole('img', { name: 'Page 1' }).waitFor();
    // a name that is completed
    await writeTemplate(page, '{{ part.full');
    await page.getByRole('option', { name: /^full_name/ }).waitFor();
    // what has just appeared is not taken by accident
    await page.waitForTimeout(300);
    await page.keyboard.press('Enter');
    await page.waitForFunction(() => document.querySelector('[aria-label="Template text"]').textContent.includes('part.full_name'));
    // an error at its line
    await writeTemplate(page, '{{ part.full_name }}\n{% nothing %}');
    await page.getByText('Line 2, column 1').waitFor();
    await page.locator('.cm-lint-marker-error').waitFor();
    await writeTemplate(page, '{{ part.full_name }}');
    await page.getByText('Line 2, column 1').waitFor({ state: 'detached' });
    await page.getByLabel('Width in mm').fill('62');
    await editor(page).press('Control+s');
    await page.getByText('Saved', { exact: true }).first().waitFor();
    await page.reload();
    await page.waitForFunction(() => document.querySelector('[aria-label="Template text"]')?.textContent.includes('part.full_name'));
    assert.match(await page.getByLabel('Width in mm').inputValue(), /^62/);
  },

  async 'print labels of two parts by keyboard; what was chosen is chosen again'(page) {
    await page.goto('/parts');
    await page.getByLabel('Select row').nth(0).check();
    await page.getByLabel('Select row').nth(1).check();
    await page.getByRole('button', { name: 'Print label' }).first().waitFor();
    await page.keyboard.press('Alt+p');
    await dialog(page).getByText('2 × Part').waitFor();
    await dialog(page).getByRole('combobox', { name: 'Print to' }).click();
    await page.getByRole('option', { name: 'Save the PDF' }).click();
    const file = async (act) => {
      const [download] = await Promise.all([page.waitForEvent('download'), act()]);
      assert.equal(readFileSync(await download.path()).subarray(0, 5).toString(), '%PDF-');
      await dialog(page).waitFor({ state: 'detached' });
    };
    await file(() => dialog(page).getByRole('button', { name: 'Print', exact: true }).click());
    // again from the page of a part: Enter does it
    await page.locator('tbody tr').first().locator('td').nth(1).click();
    await page.getByRole('button', { name: 'Actions' }).waitFor();
    await page.keyboard.press('Alt+p');
    await dialog(page).getByRole('button', { name: 'Print', exact: true }).waitFor();
    assert.equal(await dialog(page).getByRole('combobox', { name: 'Print to' }).inputValue(), 'Save the PDF');
    await file(() => page.keyboard.press('Enter'));
  },
};
