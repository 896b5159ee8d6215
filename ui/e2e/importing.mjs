// Jobs with files and with many rows.
import assert from 'node:assert/strict';
import { api } from './steps.mjs';

export const importing = {
  async 'import a BOM of ten lines from a CSV file'(page) {
    const parts = (await api(page, '/api/part/?component=true&limit=80&assembly=false&ordering=pk')).results;
    const [assembly] = (await api(page, '/api/part/?assembly=true&limit=1&ordering=-pk&is_template=false')).results;
    const there = new Set((await api(page, `/api/bom/?part=${assembly.pk}&limit=200`)).results.map((line) => line.sub_part));
    const wanted = parts.filter((part) => !there.has(part.pk)).slice(0, 10);
    const lines = wanted.map((part, at) => `${part.IPN || part.name},${at + 1},R${at},hand made`);
    // one line is wrong at first
    lines[0] = `No such part,1,R0,hand made`;
    const text = ['Component,Qty,Designator,Comment', ...lines].join('\n');
    await page.goto(`/parts/${assembly.pk}/bom`);
    await page.getByRole('button', { name: 'Other input methods' }).click();
    await page.getByRole('menuitem', { name: 'Import a file' }).click();
    await page.getByText('Drop a file here').waitFor();
    await page.locator('input[type=file]').setInputFiles({ name: 'bom.csv', mimeType: 'text/csv', buffer: Buffer.from(text) });
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByRole('button', { name: 'Use suggestions' }).click();
    await page.getByText('First rows of the file').waitFor();
    await page.getByRole('button', { name: 'Use suggestions' }).waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Read rows' }).click();
    await page.getByText('With errors (1)').click();
    // it is left and gone on with
    await page.goto('/import');
    await page.getByRole('link', { name: /bom/ }).first().click();
    await page.getByRole('button', { name: /^Row 1, Component:/ }).click();
    const input = page.getByLabel('Component', { exact: true }).last();
    await input.fill(wanted[0].name);
    await page.getByRole('option').filter({ hasText: wanted[0].name }).first().click();
    await page.getByRole('button', { name: `Accept ${lines.length} rows` }).click();
    await page.getByText('Import complete').waitFor();
    const after = await api(page, `/api/bom/?part=${assembly.pk}&limit=200`);
    assert.equal(after.count, there.size + lines.length);
  },

  async 'a name that was not found is created once for all rows that have it'(page) {
    const mark = `N${Date.now()}`;
    const text = ['Name,Description,Category', ...['one', 'two', 'three'].map((name) => `${mark} ${name},From a file,${mark} group`)].join('\n');
    await page.goto('/import?model=part');
    await page.locator('input[type=file]').setInputFiles({ name: 'parts.csv', mimeType: 'text/csv', buffer: Buffer.from(text) });
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByRole('button', { name: 'Read rows' }).click();
    await page.getByText('Unknown names').waitFor();
    await page.getByRole('button', { name: `Create ${mark} group` }).click();
    await page.getByRole('button', { name: 'Accept 3 rows' }).click();
    await page.getByText('Import complete').waitFor();
    const [group] = (await api(page, `/api/part/category/?search=${mark}&limit=1`)).results;
    assert.equal((await api(page, `/api/part/?category=${group.pk}&limit=10`)).count, 3);
  },

  async 'quick entry: type, tab, enter, next; and paste from a spreadsheet'(page) {
    const mark = `Q${Date.now()}`;
    await page.goto('/quick?model=part');
    const name = page.getByLabel('Name', { exact: true });
    await name.first().fill(`${mark} one`);
    await page.keyboard.press('Tab');
    await page.keyboard.type('First of many');
    await page.getByLabel('Category', { exact: true }).first().fill('Boards');
    await page.getByRole('option').filter({ hasText: 'Boards' }).first().click();
    await page.getByLabel('Description', { exact: true }).first().press('Enter');
    await page.getByText('1 saved').waitFor();
    // the category is kept
    await page.waitForFunction(() => /Boards/.test(document.querySelector('tr[data-line] input[aria-label=Category]')?.value ?? ''));
    await name.last().fill(`${mark} two`);
    await name.last().press('Enter');
    await page.getByText('2 saved').waitFor();
    const rows = Array.from({ length: 12 }, (_, at) => `${mark} pasted ${at}\tFrom a spreadsheet\tBoards`).join('\n');
    await page.getByLabel('Paste rows').evaluate((input, text) => {
      const data = new DataTransfer();
      data.setData('text/plain', text);
      input.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }));
    }, `Name\tDescription\tCategory\n${rows}`);
    await page.getByRole('button', { name: 'Save 12 rows' }).click();
    await page.getByText('14 saved').waitFor({ timeout: 30_000 });
    const found = await api(page, `/api/part/?search=${mark}&limit=50`);
    assert.equal(found.count, 14);
    assert(found.results.every((part) => part.category === found.results[0].category));
  },
};
