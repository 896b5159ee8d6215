// Actions that people do all day, and taking them back.
import assert from 'node:assert/strict';
import { scan, scanRecord } from './scanner.mjs';
import { api, choose, dialog, done, fromMenu, send, submit, tab } from './steps.mjs';

const rowsOf = async (page, path) => (await api(page, path)).results;
const undo = async (page) => {
  await page.getByRole('button', { name: 'Undo' }).last().click();
  await done(page, 'Undone');
};

/** A part with stock at two places, and an order for more than one of them has. */
async function sale(page, isTracked = false) {
  const [customer] = await rowsOf(page, '/api/company/?is_customer=true&active=true&limit=1');
  const part = await send(page, 'POST', '/api/part/', { name: `Lamp ${Date.now()}`, salable: true, component: true, trackable: isTracked, purchaseable: false });
  const [place] = await rowsOf(page, '/api/stock/location/?structural=false&limit=1&ordering=pk');
  const order = await send(page, 'POST', '/api/order/so/', { customer: customer.pk, description: 'Lamps' });
  const line = await send(page, 'POST', '/api/order/so-line/', { order: order.pk, part: part.pk, quantity: 10 });
  return { part, place, order, line };
}
const stock = (page, part, place, values) => send(page, 'POST', '/api/stock/', { part: part.pk, location: place.pk, ...values });

export const actions = {
  async 'split an item, take it back, and merge two'(page) {
    const { part, place } = await sale(page);
    const [item] = await stock(page, part, place, { quantity: 30 });
    await page.goto(`/stock/${item.pk}`);
    await fromMenu(page, 'Split');
    await dialog(page).getByLabel('Split off').fill('12');
    await submit(page, 'Split');
    await done(page, 'Split');
    assert.equal((await api(page, `/api/stock/${item.pk}/`)).quantity, 18);
    await undo(page);
    assert.equal((await api(page, `/api/stock/${item.pk}/`)).quantity, 30);
    await stock(page, part, place, { quantity: 4 });
    await page.reload();
    await fromMenu(page, 'Merge');
    await dialog(page).locator('tbody tr').nth(1).waitFor();
    await submit(page, 'Merge');
    await done(page, 'Merged');
    assert.equal((await api(page, `/api/stock/${item.pk}/`)).quantity, 34);
  },

  async 'give serial numbers, delete a location with all in it, and take both back'(page) {
    const { part } = await sale(page, true);
    const upper = await send(page, 'POST', '/api/stock/location/', { name: `Cabinet ${Date.now()}` });
    const drawer = await send(page, 'POST', '/api/stock/location/', { name: 'Drawer', description: 'Oak', parent: upper.pk });
    const box = await send(page, 'POST', '/api/stock/location/', { name: 'Box', parent: drawer.pk });
    const [item] = await stock(page, part, drawer, { quantity: 5 });
    await page.goto(`/stock/${item.pk}`);
    await fromMenu(page, 'Assign serial numbers');
    await dialog(page).getByLabel('Quantity', { exact: false }).fill('2');
    await dialog(page).getByLabel('Serial numbers', { exact: false }).fill('1-2');
    await submit(page, 'Assign serial numbers');
    await done(page, 'Serial numbers given');
    assert.equal((await rowsOf(page, `/api/stock/?part=${part.pk}&limit=9`)).length, 3);
    await undo(page);
    assert.deepEqual((await rowsOf(page, `/api/stock/?part=${part.pk}&limit=9`)).map((row) => [row.pk, row.quantity]), [[item.pk, 5]]);
    await page.goto(`/locations/${drawer.pk}`);
    await fromMenu(page, 'Delete');
    await dialog(page).getByText('Its stock and sublocations move up.', { exact: false }).waitFor();
    await submit(page, 'Delete');
    await done(page, 'Deleted');
    assert.equal((await api(page, `/api/stock/${item.pk}/`)).location, upper.pk);
    await undo(page);
    const [again] = await rowsOf(page, `/api/stock/location/?parent=${upper.pk}&limit=9`);
    assert.deepEqual([again.name, again.description], ['Drawer', 'Oak']);
    assert.equal((await api(page, `/api/stock/${item.pk}/`)).location, again.pk);
    assert.equal((await api(page, `/api/stock/location/${box.pk}/`)).parent, again.pk);
  },

  async 'allocate a line from two stock items, and take it back'(page) {
    const { part, place, order, line } = await sale(page);
    await stock(page, part, place, { quantity: 6, batch: 'A-1' });
    await stock(page, part, place, { quantity: 9, batch: 'B-2' });
    await page.goto(`/sales-orders/${order.pk}`);
    await page.getByRole('button', { name: 'Allocate stock' }).first().click();
    await dialog(page).getByRole('button', { name: 'Another one' }).click();
    for (const [at, batch] of [[0, 'A-1'], [1, 'B-2']]) {
      await dialog(page).getByLabel('Stock', { exact: true }).nth(at).click();
      await page.getByRole('option').filter({ hasText: batch }).click();
    }
    // no more than the first one has, and the rest from the other
    assert.equal(await dialog(page).getByLabel('Quantity').nth(0).inputValue(), '6');
    await dialog(page).getByLabel('Quantity').nth(1).fill('4');
    await submit(page, 'Allocate stock');
    await done(page, 'Allocated');
    assert.equal((await api(page, `/api/order/so-line/${line.pk}/`)).allocated, 10);
    await undo(page);
    assert.equal((await api(page, `/api/order/so-line/${line.pk}/`)).allocated, 0);
  },

  async 'allocate serial numbers to a line, remove one, and take that back'(page) {
    const { part, place, order, line } = await sale(page, true);
    await stock(page, part, place, { quantity: 3, serial_numbers: '501-503' });
    await page.goto(`/sales-orders/${order.pk}`);
    await page.getByRole('region').getByRole('button', { name: 'Actions' }).first().click();
    await page.getByRole('menuitem', { name: 'Allocate serial numbers' }).click();
    await dialog(page).getByLabel('Quantity', { exact: false }).fill('2');
    await dialog(page).getByLabel('Serial numbers', { exact: false }).fill('501,503');
    await submit(page, 'Allocate serial numbers');
    await done(page, 'Allocated');
    await tab(page, 'Allocations');
    await page.getByRole('region').getByRole('button', { name: 'Actions' }).first().click();
    await page.getByRole('menuitem', { name: 'Delete' }).click();
    await dialog(page).getByRole('button', { name: 'Delete', exact: true }).click();
    await done(page, 'Deleted');
    await undo(page);
    assert.equal((await api(page, `/api/order/so-line/${line.pk}/`)).allocated, 2);
  },

  async 'allocate to lines of a build, remove that, take it back, and consume'(page) {
    const lines = await rowsOf(page, '/api/build/line/?order_outstanding=true&available=true&tracked=false&consumable=false&allocated=false&part_detail=true&limit=200');
    const line = lines.find((line) => line.allocated === 0 && line.consumed === 0 && line.available_stock > line.quantity);
    const order = { pk: line.build };
    await send(page, 'POST', `/api/build/${order.pk}/issue/`, {});
    const allocated = async () => (await api(page, `/api/build/line/${line.pk}/`)).allocated;
    await page.goto(`/builds/${order.pk}`);
    const open = async (name) => {
      await page.getByRole('row').filter({ hasText: line.part_detail?.name ?? String(line.reference) }).first().getByRole('button', { name: 'Actions' }).click();
      await page.getByRole('menuitem', { name, exact: true }).click();
    };
    await open('Allocate automatically');
    await dialog(page).getByRole('switch', { name: /^Interchangeable/ }).check({ force: true });
    await submit(page, 'Allocate automatically');
    await done(page, 'Allocated');
    const amount = await allocated();
    assert(amount > 0);
    await open('Remove allocations');
    await submit(page, 'Remove allocations');
    await done(page, 'Allocations removed');
    assert.equal(await allocated(), 0);
    await undo(page);
    assert.equal(await allocated(), amount);
    await page.reload();
    await open('Consume');
    await submit(page, 'Consume');
    await done(page, 'Consumed');
    assert.equal((await api(page, `/api/build/line/${line.pk}/`)).consumed, amount);
  },

  async 'allocate tracked stock to an output of a build'(page) {
    const { place } = await sale(page);
    const make = (values) => send(page, 'POST', '/api/part/', { name: `Device ${Date.now()}${Math.random()}`, component: true, trackable: true, ...values });
    const whole = await make({ assembly: true });
    const piece = await make({});
    await send(page, 'POST', '/api/bom/', { part: whole.pk, sub_part: piece.pk, quantity: 1 });
    const [item] = await stock(page, piece, place, { quantity: 1, serial_numbers: '71' });
    const build = await send(page, 'POST', '/api/build/', { part: whole.pk, quantity: 1, title: 'One device' });
    await send(page, 'POST', `/api/build/${build.pk}/issue/`, {});
    const [output] = await send(page, 'POST', `/api/build/${build.pk}/create-output/`, { quantity: 1, serial_numbers: '9001' });
    await page.goto(`/builds/${build.pk}/outputs`);
    await page.getByRole('region').getByRole('button', { name: 'Actions' }).first().click();
    await page.getByRole('menuitem', { name: 'Allocate stock' }).click();
    await dialog(page).getByLabel('Stock', { exact: true }).click();
    await page.getByRole('option').first().click();
    await submit(page, 'Allocate stock');
    await done(page, 'Allocated');
    const [allocation] = await rowsOf(page, `/api/build/item/?build=${build.pk}&limit=5`);
    assert.deepEqual([allocation.stock_item, allocation.install_into, allocation.quantity], [item.pk, output.pk, 1]);
    await page.goto(`/stock/${item.pk}/allocations`);
    await page.getByRole('link', { name: build.reference }).waitFor();
  },

  async 'check a shipment, mark it as delivered, and copy a line'(page) {
    const { part, place, order, line } = await sale(page);
    const [item] = await stock(page, part, place, { quantity: 10 });
    await send(page, 'POST', `/api/order/so/${order.pk}/issue/`, {});
    const [found] = await rowsOf(page, `/api/order/so/shipment/?order=${order.pk}&limit=1`);
    const shipment = found ?? (await send(page, 'POST', '/api/order/so/shipment/', { order: order.pk, reference: '1' }));
    await send(page, 'POST', `/api/order/so/${order.pk}/allocate/`, { shipment: shipment.pk, items: [{ line_item: line.pk, stock_item: item.pk, quantity: 10 }] });
    const now = () => api(page, `/api/order/so/shipment/${shipment.pk}/`);
    await page.goto(`/shipments/${shipment.pk}`);
    await fromMenu(page, 'Mark as checked');
    await done(page, 'Checked');
    assert((await now()).checked_by);
    await undo(page);
    assert.equal((await now()).checked_by, null);
    await page.getByRole('button', { name: 'Ship', exact: true }).click();
    await submit(page, 'Ship');
    await done(page, 'Shipped');
    await page.reload();
    await fromMenu(page, 'Mark as delivered');
    await done(page, 'Delivered');
    assert((await now()).delivery_date);
    await page.goto(`/sales-orders/${order.pk}`);
    await page.getByRole('region').getByRole('button', { name: 'Actions' }).first().click();
    await page.getByRole('menuitem', { name: 'Duplicate' }).click();
    await dialog(page).getByLabel('Quantity', { exact: false }).fill('4');
    await submit(page, 'Create');
    const lines = await rowsOf(page, `/api/order/so-line/?order=${order.pk}&limit=5`);
    assert.deepEqual(lines.map(({ part: of, quantity }) => [of, quantity]).sort((a, b) => a[1] - b[1]), [[part.pk, 4], [part.pk, 10]]);
  },

  async 'count all stock of a location, and take an item back in its condition'(page) {
    const { part, order: sold } = await sale(page);
    const place = await send(page, 'POST', '/api/stock/location/', { name: `Bin ${Date.now()}` });
    const [first] = await stock(page, part, place, { quantity: 5 });
    const [second] = await stock(page, part, place, { quantity: 6 });
    await page.goto(`/locations/${place.pk}`);
    await fromMenu(page, 'Count stock');
    await dialog(page).getByLabel('Counted').nth(1).fill('7');
    await submit(page, 'Count');
    await done(page, 'Counted');
    const counts = await Promise.all([first, second].map(({ pk }) => api(page, `/api/stock/${pk}/`)));
    assert.equal(counts[0].quantity + counts[1].quantity, counts.some(({ quantity }) => quantity === 5) ? 12 : 13);
    const customer = (await api(page, `/api/order/so/${sold.pk}/`)).customer;
    await send(page, 'POST', '/api/stock/assign/', { customer, items: [{ item: first.pk }] });
    const order = await send(page, 'POST', '/api/order/ro/', { customer, description: 'Comes back' });
    await send(page, 'POST', '/api/order/ro-line/', { order: order.pk, item: first.pk, quantity: counts[0].quantity });
    await send(page, 'POST', `/api/order/ro/${order.pk}/issue/`, {});
    await page.goto(`/return-orders/${order.pk}`);
    await page.getByRole('button', { name: 'Receive', exact: true }).click();
    await dialog(page).getByLabel('Condition').click();
    await page.getByRole('option', { name: 'Damaged' }).click();
    await choose(page, dialog(page).getByLabel('Location', { exact: false }), place.name);
    await submit(page, 'Receive');
    await done(page, 'Received');
    assert.equal((await api(page, `/api/stock/${first.pk}/`)).status, 55);
  },

  async 'install an item and take it out, convert one, and take back what was returned'(page) {
    const { place, order } = await sale(page);
    const make = (values) => send(page, 'POST', '/api/part/', { name: `Case ${Date.now()}${Math.random()}`, component: true, trackable: true, ...values });
    const whole = await make({ assembly: true });
    const template = await make({ is_template: true, salable: true });
    const [red, blue] = [await make({ variant_of: template.pk, salable: true, name: `Red ${Date.now()}` }), await make({ variant_of: template.pk, salable: true, name: `Blue ${Date.now()}` })];
    await send(page, 'POST', '/api/bom/', { part: whole.pk, sub_part: red.pk, quantity: 1 });
    const [outer] = await stock(page, whole, place, { quantity: 1, serial_numbers: '1' });
    const [inner] = await stock(page, red, place, { quantity: 1, serial_numbers: '1' });
    const now = () => api(page, `/api/stock/${inner.pk}/`);
    await page.goto(`/stock/${outer.pk}/installed`);
    await page.getByRole('button', { name: 'Install an item' }).click();
    await dialog(page).getByLabel('Stock item', { exact: false }).first().fill(red.name);
    await page.getByRole('option').filter({ hasText: red.name }).click();
    await submit(page, 'Install an item');
    await done(page, 'Installed');
    assert.equal((await now()).belongs_to, outer.pk);
    await undo(page);
    assert.deepEqual([(await now()).belongs_to, (await now()).location], [null, place.pk]);
    await page.goto(`/stock/${inner.pk}`);
    await fromMenu(page, 'Convert to variant');
    await dialog(page).getByLabel('Part', { exact: false }).first().fill(blue.name);
    await page.getByRole('option').filter({ hasText: blue.name }).click();
    await submit(page, 'Convert to variant');
    await done(page, 'Converted');
    assert.equal((await now()).part, blue.pk);
    await undo(page);
    assert.equal((await now()).part, red.pk);
    const { customer } = await api(page, `/api/order/so/${order.pk}/`);
    await send(page, 'POST', '/api/stock/assign/', { customer, items: [{ item: inner.pk }] });
    await page.reload();
    await fromMenu(page, 'Return to stock');
    await choose(page, dialog(page).getByLabel('Location', { exact: false }), place.name);
    await submit(page, 'Return to stock');
    await done(page, 'Returned to stock');
    assert.equal((await now()).customer, null);
    await undo(page);
    assert.equal((await now()).customer, customer);
  },

  async 'hold an order, lock and follow a part, assign an item: each is taken back'(page) {
    const { order, part, place } = await sale(page);
    await send(page, 'POST', `/api/order/so/${order.pk}/issue/`, {});
    await page.goto(`/sales-orders/${order.pk}`);
    await fromMenu(page, 'Put on hold');
    await done(page, 'On hold');
    await undo(page);
    assert.equal((await api(page, `/api/order/so/${order.pk}/`)).status, 15);
    await page.goto(`/parts/${part.pk}`);
    for (const [name, text, field] of [['Lock', 'Locked', 'locked'], ['Follow', 'You are following this', 'starred']]) {
      await fromMenu(page, name);
      await done(page, text);
      assert.equal((await api(page, `/api/part/${part.pk}/`))[field], true);
      await undo(page);
      assert.equal((await api(page, `/api/part/${part.pk}/`))[field], false);
      await page.reload();
    }
    const [item] = await stock(page, part, place, { quantity: 2 });
    await page.goto(`/stock/${item.pk}`);
    await fromMenu(page, 'Assign to customer');
    await dialog(page).getByLabel('Customer', { exact: false }).click();
    await page.getByRole('option').first().click();
    await submit(page, 'Assign to customer');
    await done(page, 'Assigned to customer');
    await undo(page);
    const back = await api(page, `/api/stock/${item.pk}/`);
    assert.deepEqual([back.location, back.customer, back.quantity], [place.pk, null, 2]);
  },

  async 'long work shows how far it is'(page) {
    const parts = [];
    for (let at = 0; at < 3; at += 1) parts.push(await send(page, 'POST', '/api/part/', { name: `Slow ${at} ${Date.now()}`, active: false }));
    await page.goto('/parts?q=Slow&f.active=any');
    await page.getByLabel('Select row').nth(2).waitFor();
    for (const box of await page.getByLabel('Select row').all()) await box.check();
    await page.route('**/api/part/*/', async (route) => {
      if (route.request().method() === 'DELETE') await new Promise((resolve) => setTimeout(resolve, 500));
      await route.continue();
    });
    await page.getByRole('button', { name: 'Delete', exact: true }).click();
    await dialog(page).getByRole('button', { name: 'Delete', exact: true }).click();
    await page.getByText('Delete: 2 / 3').waitFor();
    await done(page, 'Deleted');
    await page.getByRole('progressbar').waitFor({ state: 'detached' });
  },

  async 'lists fit on a small laptop; saved views are there on a phone'(page) {
    await page.setViewportSize({ width: 1280, height: 760 });
    // the columns that tables have at first
    await send(page, 'PATCH', '/api/user/me/profile/', { widgets: {} });
    for (const path of ['/stock', '/parts', '/purchase-orders', '/sales-orders', '/builds', '/companies', '/supplier-parts']) {
      await page.goto(path);
      await page.locator('main tbody tr td').nth(3).waitFor();
      const [whole, seen] = await page.getByRole('region').first().evaluate((element) => [element.scrollWidth, element.clientWidth]);
      assert(whole <= seen + 1, `${path} is scrolled sideways: ${whole} > ${seen}`);
    }
    await page.goto('/stock?q=resistor');
    await page.getByRole('button', { name: 'Views' }).click();
    await page.getByLabel('View name').fill('Resistors');
    const kept = page.waitForResponse((response) => response.url().includes('/api/user/me/profile/') && response.ok());
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await kept;
    await page.setViewportSize({ width: 390, height: 800 });
    await page.goto('/stock');
    await page.getByRole('button', { name: 'Views' }).click();
    await page.getByRole('menuitem', { name: 'Resistors' }).click();
    await page.waitForURL(/q=resistor/);
  },

  async 'a page is asked for while the pointer rests on its link, and only once'(page) {
    const asked = [];
    page.on('request', (request) => /\/api\/(company|build)\/\?/.test(request.url()) && request.method() === 'GET' && asked.push(request.url()));
    await page.getByRole('link', { name: 'Companies' }).hover();
    await page.waitForResponse((response) => /\/api\/company\/\?/.test(response.url()));
    await page.getByRole('link', { name: 'Companies' }).click();
    await page.locator('main tbody tr td').nth(3).waitFor();
    const row = page.locator('main tbody tr[data-to]').first();
    const record = page.waitForResponse((response) => /\/api\/company\/\d+\//.test(response.url()));
    await row.hover();
    await record;
    await row.click();
    await page.getByRole('tab', { name: 'Contacts' }).waitFor();
    assert.equal(asked.filter((url) => /company/.test(url)).length, 1, asked.join());
  },

  async 'an account for the shop floor sees nothing else, and a device is kept there'(page) {
    await page.goto('/groups');
    await page.getByRole('button', { name: 'New group for the shop floor' }).click();
    await dialog(page).getByLabel('Name', { exact: false }).fill('Tablets');
    await submit(page, 'Create');
    await page.waitForURL(/\/groups\/\d+/);
    const group = Number(/groups\/(\d+)/.exec(page.url())[1]);
    const user = await send(page, 'POST', '/api/user/', { username: 'tablet', first_name: 'Tablet', last_name: '', email: '', is_active: true, is_staff: false, is_superuser: false, group_ids: [group] });
    await send(page, 'PUT', `/api/user/${user.pk}/set-password/`, { password: 'Shop-floor-17', override_warning: true });
    const context = await page.context().browser().newContext({ baseURL: new URL(page.url()).origin, locale: 'en-US' });
    const tablet = await context.newPage();
    await tablet.goto('/');
    await tablet.getByLabel('User name').fill('tablet');
    await tablet.getByLabel('Password').first().fill('Shop-floor-17');
    await tablet.getByRole('button', { name: 'Sign in' }).click();
    await tablet.getByText('What do you want to do?').waitFor();
    // takes for whoever shows a badge, and returns to where it was
    const { part, place } = await sale(page);
    const [bag] = await stock(page, part, place, { quantity: 9 });
    const at = async () => Object.fromEntries((await rowsOf(page, `/api/stock/?part=${part.pk}&location_detail=true&limit=9`)).map((row) => [row.location_detail.name, row.quantity]));
    await tablet.getByRole('button', { name: 'Take', exact: true }).click();
    await scan(tablet, 'IRONWOOD:USER:4');
    await tablet.getByRole('button', { name: 'No project' }).click();
    await scanRecord(tablet, 'stockitem', bag.pk);
    await tablet.getByLabel('Quantity').fill('2');
    await tablet.getByRole('button', { name: 'Take', exact: true }).click();
    await tablet.getByText('Taken: 2').waitFor();
    assert.deepEqual(await at(), { [place.name]: 7, 'Wanda Brook': 2 });
    const [entry] = await rowsOf(page, `/api/stock/track/?item=${bag.pk}&ordering=-date&limit=1`);
    assert.deepEqual([entry.user, entry.deltas.person], [user.pk, 4]);
    await page.goto(`/stock/${bag.pk}/history`);
    await page.getByText('Wanda Brook').first().waitFor();
    await tablet.getByText('Taken: 2').waitFor({ state: 'detached' });
    await tablet.getByRole('button', { name: 'Finish' }).click();
    await tablet.getByRole('button', { name: 'Return' }).click();
    await scan(tablet, 'IRONWOOD:USER:4');
    await scanRecord(tablet, 'stockitem', bag.pk);
    assert.equal(await tablet.getByLabel('Destination').isDisabled(), true);
    await tablet.getByRole('button', { name: 'Return', exact: true }).click();
    await tablet.getByRole('status').getByText('Returned').waitFor();
    assert.deepEqual(await at(), { [place.name]: 9 });
    await tablet.getByRole('button', { name: 'Finish' }).click();
    // nothing else is there
    await tablet.goto('/parts');
    await tablet.getByText('You do not have permission to view this page').waitFor();
    assert.equal(await tablet.getByRole('navigation').getByRole('link').count(), 2);
    await tablet.goto('/shop');
    await tablet.getByRole('button', { name: 'This device' }).click();
    await tablet.getByRole('menuitem', { name: 'Keep this device in shop floor mode' }).click();
    await dialog(tablet).getByRole('button', { name: 'Keep' }).click();
    await tablet.goto('/parts');
    await tablet.getByText('What do you want to do?').waitFor();
    assert.match(tablet.url(), /\/shop$/);
    // the server refuses what is not theirs, whatever a page shows
    const refused = await tablet.evaluate(async () => (await fetch('/api/order/po/')).status);
    assert.equal(refused, 403);
    await tablet.getByRole('button', { name: 'This device' }).click();
    await tablet.getByRole('menuitem', { name: 'Leave shop floor mode' }).click();
    await dialog(tablet).getByRole('button', { name: 'Sign out' }).click();
    await tablet.getByLabel('User name').waitFor();
    await context.close();
  },
};
