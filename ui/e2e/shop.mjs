// Shop floor mode, on the screen of a phone.
import assert from 'node:assert/strict';
import { scan, scanRecord } from './scanner.mjs';
import { api } from './steps.mjs';

export const shop = {
  async 'hand out and take back in shop floor mode'(page) {
    await page.setViewportSize({ width: 390, height: 800 });
    const found = (await api(page, '/api/stock/?limit=40&in_stock=true&serialized=false&available=true&min_stock=20&ordering=-pk&location_detail=true')).results;
    const items = found.filter((row) => row.quantity > 10 && row.location && !row.allocated && row.status === 10);
    const item = items[0];
    const other = items.find((row) => row.part !== item.part);
    await page.goto('/shop');
    await page.getByRole('button', { name: 'Take', exact: true }).click();
    await page.getByText('Who are you?').waitFor();
    await scan(page, 'IRONWOOD:USER:2');
    await page.getByText('Which project is it for?').waitFor();
    await page.getByRole('button', { name: /LAB/ }).click();
    // the scanned bag is not the one that was asked for
    await scanRecord(page, 'part', item.part);
    await page.getByText(/Scan the pack of/).waitFor();
    await scanRecord(page, 'stockitem', other.pk);
    await page.getByText(/This is the wrong pack/).waitFor();
    await scanRecord(page, 'stockitem', item.pk);
    await page.getByLabel('Quantity').fill('3');
    await page.getByRole('button', { name: 'Take', exact: true }).click();
    await page.getByText('Taken: 3').waitFor();
    assert.equal((await api(page, `/api/stock/${item.pk}/`)).quantity, item.quantity - 3);
    await page.getByText('Taken: 3').waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Finish' }).click();
    // back again, damaged
    await page.getByRole('button', { name: 'Return' }).click();
    await scan(page, 'IRONWOOD:USER:2');
    await page.getByText(/ has:/).waitFor();
    await scanRecord(page, 'stockitem', item.pk);
    await page.getByRole('button', { name: 'Damaged' }).click();
    await page.getByLabel('What is wrong?').fill('Bent');
    await page.getByRole('button', { name: 'Return', exact: true }).click();
    await page.getByRole('status').getByText('Returned').waitFor();
    const { results } = await api(page, `/api/stock/?part=${item.part}&location=${item.location}&status=55&limit=10`);
    assert(results.some((row) => row.quantity === 3));
  },
};
