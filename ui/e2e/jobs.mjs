// Jobs of a working day, done by clicking and typing. Each gets a signed-in page, and throws where it fails.
import assert from 'node:assert/strict';
import { adminJobs } from './adminJobs.mjs';
import { apiDocJobs } from './apiDoc.mjs';
import { api, choose, dialog, done, fromMenu, send, submit } from './steps.mjs';

export const jobs = {
  ...adminJobs,
  ...apiDocJobs,
  async 'find a part by Ctrl-K'(page) {
    await page.getByRole('link', { name: 'Stock', exact: true }).waitFor();
    await page.waitForLoadState('networkidle');
    await page.keyboard.press('Control+k');
    await page.getByPlaceholder('Search parts, stock, orders, and pages').fill('Board #00301');
    await page.getByRole('button', { name: /Board #00301/ }).first().waitFor();
    await page.keyboard.press('Enter');
    await page.getByRole('tab', { name: 'Stock', exact: true }).waitFor();
  },

  async 'the server says at the field what is wrong, and what was typed stays'(page) {
    await page.goto('/parts');
    await page.getByRole('button', { name: 'New', exact: true }).click();
    await dialog(page).getByLabel('Description').fill('Without a name');
    await dialog(page).getByRole('button', { name: 'Create' }).click();
    await dialog(page).locator('[id$="-error"], .mantine-InputWrapper-error').first().waitFor();
    assert.equal(await dialog(page).getByLabel('Description').inputValue(), 'Without a name');
    await dialog(page).getByRole('button', { name: 'Cancel' }).click();
  },

  async 'count a stock item, and take it back'(page) {
    const { results } = await api(page, '/api/stock/?limit=1&in_stock=true&serialized=false&ordering=pk');
    const before = results[0].quantity;
    await page.goto(`/stock/${results[0].pk}`);
    await page.getByRole('button', { name: 'Count', exact: true }).click();
    await dialog(page).getByLabel('Counted').fill('17');
    await dialog(page).getByRole('button', { name: 'Count', exact: true }).click();
    await page.getByRole('button', { name: 'Undo' }).click();
    await done(page, 'Undone');
    assert.equal((await api(page, `/api/stock/${results[0].pk}/`)).quantity, before);
  },

  async 'move two items by the bar above the table'(page) {
    await page.goto('/stock');
    await page.getByLabel('Select row').nth(0).check();
    await page.getByLabel('Select row').nth(1).check();
    await page.getByRole('button', { name: 'Move', exact: true }).click();
    await choose(page, dialog(page).getByLabel('Location'), 'Shelf 07');
    await dialog(page).getByRole('button', { name: 'Move', exact: true }).click();
    await done(page, 'Moved');
  },

  async 'place a purchase order and receive it'(page) {
    const { results } = await api(page, '/api/order/po/?status=10&limit=1');
    await page.goto(`/purchase-orders/${results[0].pk}`);
    await page.getByRole('button', { name: 'Place order' }).click();
    await submit(page, 'Place order');
    await page.getByRole('button', { name: 'Receive', exact: true }).click();
    await choose(page, dialog(page).getByLabel('Location').last(), 'Shelf 03');
    await dialog(page).getByRole('button', { name: 'Receive', exact: true }).click();
    await done(page, 'Received');
    const lines = await api(page, `/api/order/po-line/?order=${results[0].pk}&limit=50`);
    assert(lines.results.every((line) => line.received >= line.quantity));
    // by mistake
    await page.getByRole('button', { name: 'Undo' }).last().click();
    await done(page, 'Undone');
    const open = await api(page, `/api/order/po-line/?order=${results[0].pk}&limit=50`);
    assert(open.results.every((line) => line.received === 0), JSON.stringify(open.results));
    assert.equal((await api(page, `/api/order/po/${results[0].pk}/`)).status, 20);
    await page.getByRole('button', { name: 'Receive', exact: true }).click();
    await choose(page, dialog(page).getByLabel('Location').last(), 'Shelf 03');
    await submit(page, 'Receive');
  },

  async 'delete the draft of an order with its lines, and take it back'(page) {
    const [supplier] = (await api(page, '/api/company/?is_supplier=true&active=true&limit=1')).results;
    const bought = (await api(page, `/api/company/part/?supplier=${supplier.pk}&active=true&limit=2`)).results;
    const draft = await send(page, 'POST', '/api/order/po/', { supplier: supplier.pk, description: 'To take back' });
    for (const { pk } of bought) await send(page, 'POST', '/api/order/po-line/', { order: draft.pk, part: pk, quantity: 7, purchase_price: 1.25, auto_pricing: false });
    await page.goto(`/purchase-orders/${draft.pk}`);
    await fromMenu(page, 'Delete');
    await dialog(page).getByRole('button', { name: 'Delete', exact: true }).click();
    await page.waitForURL(/\/purchase-orders$/);
    await page.getByRole('button', { name: 'Undo' }).click();
    await done(page, 'Undone');
    const [again] = (await api(page, `/api/order/po/?reference=${draft.reference}&limit=1`)).results;
    assert.equal(again.description, 'To take back');
    const lines = (await api(page, `/api/order/po-line/?order=${again.pk}&limit=5`)).results;
    assert.deepEqual(lines.map((line) => [line.part, Number(line.quantity), Number(line.purchase_price)]), bought.map(({ pk }) => [pk, 7, 1.25]));
  },

  async 'sell: allocate and ship'(page) {
    const orders = await api(page, '/api/order/so/?status=10&limit=1');
    const order = orders.results[0].pk;
    await page.goto(`/sales-orders/${order}`);
    await page.getByRole('button', { name: 'Actions' }).last().waitFor();
    await page.getByRole('button', { name: 'Issue' }).click();
    await submit(page, 'Issue');
    await done(page, 'Issued');
    await page.getByRole('tab', { name: /Shipments/ }).click();
    const shipments = await api(page, `/api/order/so/shipment/?order=${order}&limit=5`);
    if (shipments.count === 0) {
      await page.getByRole('button', { name: 'New', exact: true }).click();
      await dialog(page).getByRole('button', { name: 'Create' }).click();
      await done(page, 'Shipment created');
      await dialog(page).waitFor({ state: 'detached' });
    }
    const { results } = await api(page, `/api/order/so/shipment/?order=${order}&limit=1`);
    await page.locator('main').getByRole('button', { name: 'Actions' }).first().click();
    await page.getByRole('menuitem', { name: 'Allocate automatically' }).click();
    await choose(page, dialog(page).getByLabel('Shipment'), results[0].reference);
    await dialog(page).getByRole('button', { name: 'Allocate automatically' }).click();
    await done(page, 'Allocated');
    await page.goto(`/shipments/${results[0].pk}`);
    await page.getByRole('button', { name: 'Ship', exact: true }).click();
    await dialog(page).getByRole('button', { name: 'Ship', exact: true }).click();
    await done(page, 'Shipped');
  },

  async 'build: allocate, make an output and complete it'(page) {
    const { results } = await api(page, '/api/build/?status=10&limit=1');
    const build = results[0].pk;
    await page.goto(`/builds/${build}`);
    await page.getByRole('button', { name: 'Start' }).click();
    await submit(page, 'Start');
    await done(page, 'Started');
    await page.locator('main').getByRole('button', { name: 'Actions' }).first().click();
    await page.getByRole('menuitem', { name: 'Allocate automatically' }).click();
    await dialog(page).getByRole('switch', { name: /^Interchangeable/ }).check({ force: true });
    await dialog(page).getByRole('button', { name: 'Allocate automatically' }).click();
    // of all that it needs, or as much as there is
    await page.locator('.mantine-Notification-root').getByText(/^Allocated/).waitFor();
    await page.getByRole('button', { name: 'New output' }).click();
    await dialog(page).getByRole('button', { name: 'New output' }).click();
    await done(page, 'Output created');
    await page.getByRole('tab', { name: 'Outputs in production', exact: true }).click();
    await page.getByLabel('Select row').first().check();
    await page.getByRole('button', { name: 'Complete', exact: true }).click();
    await choose(page, dialog(page).getByRole('textbox', { name: 'Location' }), 'Shelf 05');
    await dialog(page).getByRole('button', { name: 'Complete', exact: true }).click();
    await done(page, 'Completed');
  },

  async 'arrange the first page'(page) {
    await page.goto('/');
    await page.getByRole('button', { name: 'Customize' }).click();
    await page.getByRole('button', { name: 'Remove "Overdue builds"' }).click();
    await page.getByRole('button', { name: 'Add', exact: true }).click();
    await page.getByRole('menuitem', { name: 'New parts' }).click();
    await page.getByRole('button', { name: 'Move "New parts" left' }).click();
    await page.getByRole('button', { name: 'Done' }).click();
    // it is kept a moment later
    await page.waitForResponse((response) => response.url().includes('/api/user/me/profile/') && response.ok());
    await page.reload();
    await page.getByRole('heading', { name: 'New parts' }).waitFor();
    assert.equal(await page.locator('[data-widget="overdue-builds"]').count(), 0);
    assert.equal(await page.locator('[data-widget]').nth(-2).getAttribute('data-widget'), 'new-parts');
  },

  async 'look into a bill of materials, copy another one and validate it'(page) {
    const { results } = await api(page, '/api/part/?assembly=true&active=true&limit=2&ordering=-id&locked=false');
    const [part, other] = results;
    await page.goto(`/parts/${part.pk}/bom`);
    await page.getByRole('button', { name: 'Copy BOM' }).click();
    await choose(page, dialog(page).getByRole('textbox', { name: 'Part' }), other.name);
    await dialog(page).getByRole('button', { name: 'Copy', exact: true }).click();
    await done(page, 'Copied');
    await page.getByRole('button', { name: 'Validate', exact: true }).click();
    await page.getByText(/Validated by admin/).waitFor();
    assert((await api(page, `/api/part/${part.pk}/bom-validate/`)).bom_validated);
  },

  async 'a price break for use inside'(page) {
    const { results } = await api(page, '/api/part/?purchaseable=true&active=true&limit=1&ordering=-id');
    await page.goto(`/parts/${results[0].pk}/pricing`);
    await page.getByRole('button', { name: 'New', exact: true }).first().click();
    await dialog(page).getByLabel('Quantity').fill('250');
    await dialog(page).getByLabel('Price', { exact: false }).first().fill('1.25');
    await dialog(page).getByRole('button', { name: 'Create' }).click();
    await page.locator('main').getByRole('cell', { name: '250', exact: true }).waitFor();
  },

  async 'write test results of an item, and take one back'(page) {
    const { results } = await api(page, '/api/stock/test/?limit=1');
    const item = results[0].stock_item;
    const before = (await api(page, `/api/stock/test/?stock_item=${item}&limit=1`)).count;
    await page.goto(`/stock/${item}/tests`);
    await page.getByRole('button', { name: 'Power up failed' }).click();
    await page.getByText('Failed', { exact: true }).first().waitFor();
    await page.getByRole('button', { name: 'Undo' }).click();
    await done(page, 'Undone');
    assert.equal((await api(page, `/api/stock/test/?stock_item=${item}&limit=1`)).count, before);
  },

  async 'take an assembly apart'(page) {
    const parts = await api(page, '/api/part/?assembly=true&has_stock=true&trackable=false&limit=1&ordering=id');
    const { results } = await api(page, `/api/stock/?part=${parts.results[0].pk}&in_stock=true&serialized=false&limit=1`);
    await page.goto(`/stock/${results[0].pk}`);
    await page.locator('main').getByRole('button', { name: 'Actions' }).first().click();
    await page.getByRole('menuitem', { name: 'Disassemble' }).click();
    await dialog(page).getByLabel('Quantity', { exact: false }).last().fill('1');
    for (const amount of await dialog(page).getByLabel('Quantity recovered').all()) await amount.fill('1');
    await dialog(page).getByRole('button', { name: 'Disassemble' }).click();
    await done(page, 'Disassembled');
    assert.equal((await api(page, `/api/stock/${results[0].pk}/`)).quantity, results[0].quantity - 1);
  },

  async 'parts with a parameter as a column, and as pictures'(page) {
    await page.goto('/parts');
    await page.getByRole('button', { name: 'Columns' }).click();
    await page.getByText('Tolerance', { exact: true }).click();
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Tolerance' }).click();
    await page.waitForURL(/sort=parameter_/);
    await page.getByRole('button', { name: 'Show as images' }).click();
    await page.locator('main li').getByRole('button').first().waitFor();
    // it is kept a moment later
    const kept = page.waitForResponse((response) => response.url().includes('/api/user/me/profile/') && response.request().postData()?.includes('"form.part":"list"'));
    await page.getByRole('button', { name: 'Show as a list' }).click();
    await page.getByRole('region', { name: 'Parts' }).locator('table').waitFor();
    await kept;
  },
};
