// From a new part to what is bought, built, sold and comes back; each job by clicking and typing only.
import assert from 'node:assert/strict';
import { picture } from './picture.mjs';
import { api, choose, dialog, done, fromMenu, submit, tab } from './steps.mjs';

const LINES = 20;

const rowsOf = async (page, path) => (await api(page, path)).results;
/** The text that is typed to find a part, and stands in its choice. */
const nameOf = (part) => part.name;

/** An assembly that few parts make, all of which can be bought. */
async function assemblyToBuy(page) {
  const assemblies = await rowsOf(page, '/api/part/?assembly=true&active=true&is_template=false&trackable=false&limit=30&ordering=-pk');
  let best;
  for (const part of assemblies) {
    const lines = await rowsOf(page, `/api/bom/?part=${part.pk}&sub_part_detail=true&limit=${LINES}`);
    const isFit = lines.length > 0 && lines.every((line) => line.sub_part_detail.purchaseable && line.sub_part_detail.active && !line.consumable && !line.sub_part_detail.trackable);
    if (isFit && (!best || lines.length < best.lines.length)) best = { part, lines };
  }
  return best;
}

async function newBuild(page, part, quantity) {
  await page.goto('/builds');
  await page.getByRole('button', { name: 'New', exact: true }).click();
  await choose(page, dialog(page).getByLabel('Part', { exact: false }).first(), nameOf(part));
  await dialog(page).getByLabel('Quantity', { exact: false }).fill(String(quantity));
  await dialog(page).getByRole('button', { name: 'Create' }).click();
  await page.waitForURL(/\/builds\/\d+$/);
  return Number(/\d+$/.exec(page.url())[0]);
}

export const trade = {
  async 'make a part with parameters and a picture'(page) {
    await page.goto('/parts');
    await page.getByRole('button', { name: 'New', exact: true }).click();
    await dialog(page).getByLabel('Name', { exact: false }).first().fill('Test jig');
    await dialog(page).getByLabel('Description').fill('Holds boards while they are tested');
    await choose(page, dialog(page).getByLabel('Category'), 'Boards');
    await dialog(page).locator('input[type=file]').setInputFiles({ name: 'jig.png', mimeType: 'image/png', buffer: picture() });
    await dialog(page).getByRole('button', { name: 'Create' }).click();
    await page.getByRole('heading', { name: /Test jig/ }).waitFor();
    const pk = Number(/parts\/(\d+)/.exec(page.url())[1]);
    await page.waitForFunction(() => [...document.querySelectorAll('main img')].some((image) => /part_images|thumbnail/.test(image.src) && image.naturalWidth > 0));
    await tab(page, 'Parameters');
    for (const [template, value] of [['Tolerance', '5'], ['Package', '0603']]) {
      await page.getByRole('button', { name: 'New', exact: true }).click();
      await choose(page, dialog(page).getByLabel('Template', { exact: false }), template);
      const input = dialog(page).getByLabel('Data', { exact: false });
      if (await input.getAttribute('aria-haspopup')) await choose(page, input, value);
      else await input.fill(value);
      await dialog(page).getByRole('button', { name: 'Create' }).click();
      await dialog(page).waitFor({ state: 'detached' });
      await page.getByRole('region').getByText(template, { exact: true }).first().waitFor();
    }
    await tab(page, 'Notes');
    await page.getByRole('button', { name: 'Edit' }).last().click();
    await page.getByLabel('Notes').last().fill('Made of **oak**.');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.locator('strong', { hasText: 'oak' }).waitFor();
    const made = await api(page, `/api/part/${pk}/`);
    assert.match(made.image, /\.png$/);
    const parameters = await rowsOf(page, `/api/parameter/?model_type=part&model_id=${pk}&limit=10`);
    assert.equal(parameters.length, 2);
    await fromMenu(page, 'Duplicate');
    await dialog(page).getByRole('button', { name: 'Create' }).click();
    await page.getByRole('heading', { name: /Test jig copy/ }).waitFor();
    const copy = Number(/parts\/(\d+)/.exec(page.url())[1]);
    assert.equal((await rowsOf(page, `/api/parameter/?model_type=part&model_id=${copy}&limit=10`)).length, 2);
  },

  async 'buy what a build lacks'(page) {
    const { part, lines } = await assemblyToBuy(page);
    const build = await newBuild(page, part, 4000);
    await fromMenu(page, 'Order missing parts');
    await dialog(page).locator('tbody tr').first().waitFor();
    await submit(page, 'Add to orders');
    await page.waitForURL(/purchase-orders/);
    const parts = new Set(lines.map((line) => line.sub_part));
    const bought = (await rowsOf(page, '/api/order/po-line/?order_status=10&ordering=-pk&limit=40')).filter((line) => parts.has(line.internal_part));
    const orders = [...new Set(bought.filter((line) => Number(line.quantity) > 100).map((line) => line.order))];
    assert(orders.length > 0);
    for (const order of orders) {
      await page.goto(`/purchase-orders/${order}`);
      await page.getByRole('button', { name: 'Place order' }).click();
      await submit(page, 'Place order');
      await page.getByRole('button', { name: 'Receive', exact: true }).click();
      await choose(page, dialog(page).getByLabel('Location').last(), 'Shelf 03');
      await submit(page, 'Receive');
      await done(page, 'Received');
    }
    await page.goto(`/builds/${build}`);
    await fromMenu(page, 'Order missing parts');
    await dialog(page).getByText('No purchaseable parts are missing.').waitFor();
    await dialog(page).getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('button', { name: 'Start' }).click();
    await submit(page, 'Start');
    await done(page, 'Started');
    await fromMenu(page, 'Allocate automatically');
    await dialog(page).getByRole('switch', { name: /^Interchangeable/ }).check({ force: true });
    await submit(page, 'Allocate automatically');
    await done(page, 'Allocated');
    for (let tries = 0; ; tries += 1) {
      const rows = await rowsOf(page, `/api/build/line/?build=${build}&limit=${LINES}`);
      if (rows.every((line) => line.optional || Number(line.allocated) >= Number(line.quantity))) break;
      assert(tries < 20, JSON.stringify(rows.map((line) => [line.part, line.quantity, line.allocated])));
      await page.waitForTimeout(500);
    }
  },

  async 'build with serial numbers and test results'(page) {
    const [part] = await rowsOf(page, '/api/part/?assembly=true&trackable=true&testable=true&active=true&is_template=false&limit=1&ordering=pk');
    const first = 70_000 + (Date.now() % 10_000) * 2;
    const serials = [String(first), String(first + 1)];
    const build = await newBuild(page, part, 2);
    await page.getByRole('button', { name: 'Start' }).click();
    await submit(page, 'Start');
    await done(page, 'Started');
    await fromMenu(page, 'Allocate automatically');
    await submit(page, 'Allocate automatically');
    await page.getByRole('button', { name: 'New output' }).click();
    await dialog(page).getByRole('textbox', { name: 'Serial numbers' }).fill(`${serials[0]}-${serials[1]}`);
    await submit(page, 'New output');
    await done(page, 'Output created');
    await tab(page, 'Outputs in production');
    await page.getByText(`# ${serials[1]}`).waitFor();
    // each output is tested: with a value where the test asks for one
    const tests = await rowsOf(page, `/api/part/test-template/?part=${part.pk}&required=true&enabled=true&limit=20`);
    assert(tests.length > 0);
    const outputs = await rowsOf(page, `/api/stock/?build=${build}&is_building=true&limit=5`);
    for (const output of outputs) {
      await page.goto(`/stock/${output.pk}/tests`);
      for (const test of tests) {
        if (test.requires_value) {
          await page.getByRole('button', { name: `New result for ${test.test_name}` }).click();
          await dialog(page).getByLabel('Value', { exact: false }).fill('4.98');
          const result = dialog(page).getByRole('switch', { name: /^Result/ });
          if (!(await result.isChecked())) await result.check({ force: true });
          await dialog(page).getByRole('button', { name: 'Create' }).click();
          await dialog(page).waitFor({ state: 'detached' });
          await page.getByText(/Passed · 4.98/).first().waitFor();
        } else {
          await page.getByRole('button', { name: `${test.test_name} passed` }).click();
          await done(page, `${test.test_name} kept`);
        }
      }
      await page.getByText('All required tests passed').waitFor();
    }
    await page.goto(`/builds/${build}/outputs`);
    await page.getByLabel('Select row').nth(1).waitFor();
    await page.getByLabel('Select row').nth(0).check();
    await page.getByLabel('Select row').nth(1).check();
    await page.getByRole('button', { name: 'Complete', exact: true }).click();
    await choose(page, dialog(page).getByRole('textbox', { name: 'Location' }), 'Shelf 05');
    await dialog(page).getByLabel('Accept incomplete allocation', { exact: false }).check({ force: true });
    await submit(page, 'Complete');
    await done(page, 'Completed');
    await tab(page, 'Completed outputs');
    await page.getByText(`# ${serials[0]}`).waitFor();
    const built = await rowsOf(page, `/api/stock/?build=${build}&is_building=false&limit=5`);
    assert.deepEqual(built.map((item) => item.serial).sort(), serials);
  },

  async 'take a return back'(page) {
    const [item] = await rowsOf(page, '/api/stock/?in_stock=true&serialized=true&salable=true&has_location=true&available=true&status=10&limit=1&ordering=-pk&part_detail=true');
    const [customer] = await rowsOf(page, '/api/company/?is_customer=true&active=true&limit=1');
    await page.goto(`/stock/${item.pk}`);
    await fromMenu(page, 'Assign to customer');
    await choose(page, dialog(page).getByLabel('Customer', { exact: false }), customer.name);
    await submit(page, 'Assign to customer');
    await done(page, 'Assigned to customer');
    await page.goto('/return-orders');
    await page.getByRole('button', { name: 'New', exact: true }).click();
    await choose(page, dialog(page).getByLabel('Customer', { exact: false }).first(), customer.name);
    await dialog(page).getByLabel('Description').fill('Rattles');
    await dialog(page).getByRole('button', { name: 'Create' }).click();
    await page.waitForURL(/\/return-orders\/\d+$/);
    await page.locator('main').getByRole('button', { name: 'New', exact: true }).click();
    // a serial number names an item only together with its part
    const named = `${item.part_detail.full_name} #${item.serial}`;
    await dialog(page).getByLabel('Item', { exact: false }).first().fill(item.serial);
    await page.getByRole('option').filter({ has: page.getByText(named, { exact: true }) }).first().click();
    await dialog(page).getByRole('button', { name: 'Create' }).click();
    await done(page, 'Line created');
    await dialog(page).waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Issue' }).click();
    await submit(page, 'Issue');
    await done(page, 'Issued');
    await page.getByRole('button', { name: 'Receive', exact: true }).click();
    await choose(page, dialog(page).getByLabel('Location').last(), 'Shelf 02');
    await submit(page, 'Receive');
    await done(page, 'Received');
    const back = await api(page, `/api/stock/${item.pk}/`);
    assert.equal(back.customer, null);
    assert(back.location !== null);
  },

  async 'find who changed a quantity and when'(page) {
    const [item] = await rowsOf(page, '/api/stock/?in_stock=true&serialized=false&has_location=true&limit=1&ordering=-pk&part_detail=true&location_detail=true');
    await page.goto(`/stock/${item.pk}`);
    await page.getByRole('button', { name: 'Count', exact: true }).click();
    await dialog(page).getByLabel('Counted').fill('41');
    await dialog(page).getByLabel('Notes', { exact: false }).fill('Two were behind the shelf');
    await submit(page, 'Count');
    // from the part to the item, as somebody does who wonders about a number
    await page.goto('/parts');
    await page.getByRole('link', { name: 'Stock', exact: true }).waitFor();
    await page.keyboard.press('Control+k');
    await page.getByPlaceholder('Search parts, stock, orders, and pages').fill(item.part_detail.name);
    await page.getByRole('button', { name: item.part_detail.name }).first().click();
    await page.waitForURL(/\/parts\/\d+/);
    await tab(page, 'Stock');
    await page.locator('main').getByRole('link', { name: item.location_detail.name }).first().waitFor();
    await page.goto(`/stock/${item.pk}`);
    await tab(page, 'History');
    const entry = page.getByRole('row').filter({ hasText: 'Two were behind the shelf' }).first();
    await entry.getByText('admin').waitFor();
    await entry.getByText('41').waitFor();
    const year = String(new Date().getFullYear());
    assert.match(await entry.innerText(), new RegExp(year.slice(2)));
    // the log of the record says the value before, and from where it was changed
    await tab(page, 'Change log');
    const change = page.getByRole('row').filter({ hasText: 'Quantity' }).first();
    await change.getByText('41', { exact: true }).waitFor();
    await change.getByText(/127\.0\.0\.1/).waitFor();
  },
};
