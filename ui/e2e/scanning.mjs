// Jobs that are done with a scanner.
import assert from 'node:assert/strict';
import { codeOf, scan, scanRecord } from './scanner.mjs';
import { api, dialog, send } from './steps.mjs';

const BOXES = 50;
const firstItem = async (page, query = '') =>
  (await api(page, `/api/stock/?limit=1&in_stock=true&serialized=false&has_location=true&ordering=pk&${query}`)).results[0];
const openStation = async (page, mode) => {
  await page.getByRole('button', { name: 'Scan', exact: true }).click();
  await dialog(page).getByText(mode, { exact: true }).click();
};
const counted = (page, count) => page.getByTestId('scan-count').filter({ hasText: new RegExp(`^${count}$`) }).waitFor();

export const scanning = {
  async 'scan: a code opens what it names, on any page and from a field'(page) {
    const item = await firstItem(page);
    await page.goto('/parts');
    await page.getByRole('heading', { name: 'Parts' }).waitFor();
    await scanRecord(page, 'stockitem', item.pk);
    await page.waitForURL(`**/stock/${item.pk}`);
    await page.goto('/parts');
    const search = page.getByPlaceholder('Search').first();
    await search.fill('resi');
    await scanRecord(page, 'part', item.part);
    await page.waitForURL(`**/parts/${item.part}`);
    await page.goBack();
    // a person who types keeps what was typed
    await search.click();
    await page.keyboard.type('x1', { delay: 120 });
    await page.keyboard.press('Enter');
    assert.match(await search.inputValue(), /x1$/);
  },

  async 'scan: a location fills the field that takes one, items are added to the action'(page) {
    const items = (await api(page, '/api/stock/?limit=2&in_stock=true&serialized=false&ordering=pk')).results;
    await page.goto(`/stock/${items[0].pk}`);
    await page.getByRole('button', { name: 'Move', exact: true }).click();
    await dialog(page).getByLabel('Location').waitFor();
    await scanRecord(page, 'stockitem', items[1].pk);
    await dialog(page).locator('tbody tr').nth(1).waitFor();
    const [place] = (await api(page, '/api/stock/location/?search=Shelf 09&limit=1')).results;
    await scanRecord(page, 'stocklocation', place.pk);
    await page.waitForFunction((name) => [...document.querySelectorAll('[role=dialog] input')].some((input) => input.value === name), place.pathstring);
    await scan(page, 'IRONWOOD:DONE');
    await page.getByText('Moved', { exact: true }).waitFor();
    for (const item of items) assert.equal((await api(page, `/api/stock/${item.pk}/`)).location, place.pk);
  },

  async 'move what is scanned to the place that is scanned, on the page for it'(page) {
    const items = (await api(page, '/api/stock/?limit=2&in_stock=true&ordering=pk&serialized=false')).results;
    const [place] = (await api(page, '/api/stock/location/?limit=1&structural=false&search=shelf%2006')).results;
    await page.goto('/scan');
    await page.getByText('Scan the items to move').waitFor();
    for (const item of items) await scanRecord(page, 'stockitem', item.pk);
    await counted(page, 2);
    await scanRecord(page, 'stocklocation', place.pk);
    await page.getByText(/2 moved to/).waitFor();
    assert.equal((await api(page, `/api/stock/${items[1].pk}/`)).location, place.pk);
  },

  async 'fill a new rack with fifty boxes by scanning, and undo one'(page) {
    const rack = await send(page, 'POST', '/api/stock/location/', { name: `Rack ${Date.now()}`, description: 'New' });
    const boxes = [];
    for (let at = 1; at <= BOXES; at += 1) boxes.push(await send(page, 'POST', '/api/stock/location/', { name: `Box ${at} ${rack.pk}`, description: 'A box' }));
    const codes = await Promise.all(boxes.map((box) => codeOf(page, 'stocklocation', box.pk)));
    const item = await firstItem(page);
    await page.goto('/');
    await openStation(page, 'Move here');
    await scanRecord(page, 'stocklocation', rack.pk);
    await dialog(page).getByText(`Into ${rack.name}`).waitFor();
    for (const code of codes) await scan(page, code);
    await counted(page, BOXES);
    await scanRecord(page, 'stockitem', item.pk);
    await counted(page, BOXES + 1);
    await dialog(page).getByRole('button', { name: 'Undo' }).first().click();
    await counted(page, BOXES);
    await scan(page, 'IRONWOOD:DONE');
    await page.getByText(`${BOXES} put into ${rack.name}`).waitFor();
    const inside = await api(page, `/api/stock/location/?parent=${rack.pk}&limit=1`);
    assert.equal(inside.count, BOXES);
    assert.equal((await api(page, `/api/stock/${item.pk}/`)).location, item.location);
  },

  async 'the label of a part in a place adds stock of it'(page) {
    const place = await send(page, 'POST', '/api/stock/location/', { name: `Tray ${Date.now()}`, description: '' });
    const [part] = (await api(page, '/api/part/?limit=1&assembly=false&trackable=false&virtual=false&active=true&is_template=false')).results;
    await page.goto(`/locations/${place.pk}`);
    await page.getByRole('heading', { name: place.name }).first().waitFor();
    await scanRecord(page, 'part', part.pk);
    const form = dialog(page).filter({ hasText: 'New: Stock item' });
    await form.getByLabel('Quantity').fill('25');
    await form.getByRole('button', { name: 'Create' }).click();
    await page.getByText('Stock item created').waitFor();
    const found = await api(page, `/api/stock/?location=${place.pk}&part=${part.pk}&limit=5`);
    assert.equal(found.results[0].quantity, 25);
  },

  async 'supplier bag into stock'(page) {
    const order = (await api(page, '/api/order/po/?status=20&limit=1')).results[0];
    const trace = `1T${Date.now()}`;
    const lines = (await api(page, `/api/order/po-line/?order=${order.pk}&part_detail=true&limit=50`)).results;
    const line = lines.find((line) => line.quantity - line.received > 0);
    await page.goto('/');
    await scan(page, `[)>\u001e06\u001dP${line.sku}\u001d1KNONE\u001dK${order.reference}\u001d${trace}\u001dQ1\u001e\u0004`);
    await dialog(page).getByText('Scan the packs').waitFor();
    await dialog(page).getByText('1 pack received').waitFor();
    await counted(page, 1);
    const after = await api(page, `/api/order/po-line/${line.pk}/`);
    assert.equal(after.received, line.received + 1);
    // the same bag again, and one without an order: what is missing is asked for
    await scan(page, `[)>\u001e06\u001dP${line.sku}\u001d${trace}\u001dQ2\u001e\u0004`);
    const form = dialog(page).locator('form').filter({ hasText: 'Packs' });
    await form.getByLabel('Purchase order').fill(order.reference);
    await page.getByRole('option').filter({ hasText: order.reference }).first().click();
    await form.getByLabel('Packs').fill('2');
    await form.getByRole('button', { name: 'Receive' }).click();
    await dialog(page).getByText('2 packs received').waitFor();
    await counted(page, 2);
  },

  async 'count a shelf'(page) {
    const place = await send(page, 'POST', '/api/stock/location/', { name: `Count ${Date.now()}`, description: '' });
    const items = (await api(page, '/api/stock/?limit=3&in_stock=true&serialized=false&ordering=-pk')).results;
    await send(page, 'POST', '/api/stock/transfer/', { location: place.pk, items: items.map(({ pk, quantity }) => ({ pk, quantity })) });
    await page.goto('/');
    await openStation(page, 'Count');
    await scanRecord(page, 'stocklocation', place.pk);
    await dialog(page).getByText('3 expected').waitFor();
    await scanRecord(page, 'stockitem', items[0].pk);
    await counted(page, 1);
    await scanRecord(page, 'stockitem', items[1].pk);
    await counted(page, 2);
    await page.locator(`[data-item="${items[1].pk}"]`).fill('7');
    await dialog(page).getByRole('switch').check({ force: true });
    await scan(page, 'IRONWOOD:DONE');
    await page.getByText(/3 counted in/).waitFor();
    assert.equal((await api(page, `/api/stock/${items[1].pk}/`)).quantity, 7);
    assert.equal((await api(page, `/api/stock/${items[0].pk}/`)).quantity, items[0].quantity);
  },

  async 'move a box with a phone-sized screen'(page) {
    await page.setViewportSize({ width: 390, height: 800 });
    const box = await send(page, 'POST', '/api/stock/location/', { name: `Box ${Date.now()}`, description: '' });
    const [shelf] = (await api(page, '/api/stock/location/?search=Shelf 04&limit=1')).results;
    await page.goto('/');
    await openStation(page, 'Move');
    await scanRecord(page, 'stocklocation', box.pk);
    await counted(page, 1);
    await scanRecord(page, 'stocklocation', shelf.pk);
    await page.getByText(`1 moved to ${shelf.pathstring}`).waitFor();
    assert.equal((await api(page, `/api/stock/location/${box.pk}/`)).parent, shelf.pk);
    await page.getByRole('button', { name: 'Undo' }).last().click();
    await page.getByText('Undone', { exact: true }).first().waitFor();
    assert.equal((await api(page, `/api/stock/location/${box.pk}/`)).parent, null);
  },

  async 'one sheet of labels for a location and all below it'(page) {
    const rack = await send(page, 'POST', '/api/stock/location/', { name: `Sheet ${Date.now()}`, description: '' });
    for (let at = 1; at <= 12; at += 1) await send(page, 'POST', '/api/stock/location/', { name: `Place ${at}`, parent: rack.pk, description: '' });
    await page.goto(`/locations/${rack.pk}`);
    await page.locator('main').getByRole('button', { name: 'Actions' }).first().click();
    await page.getByRole('menuitem', { name: 'Barcode labels' }).click();
    await page.getByText('Include levels below').waitFor();
    await page.getByRole('switch').check({ force: true });
    await page.getByText('13 labels').waitFor();
    const names = await page.locator('img[alt^="Barcode of Place"]').evaluateAll((images) => images.map((image) => image.alt));
    assert.deepEqual(names.slice(8, 11), ['Barcode of Place 9', 'Barcode of Place 10', 'Barcode of Place 11']);
    await page.waitForFunction(() => [...document.images].every((image) => image.complete && image.naturalWidth > 0));
  },
};
