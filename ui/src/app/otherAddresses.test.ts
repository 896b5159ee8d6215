import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { pageFor, PATHS } from './otherAddresses';

const link = (model: string, pk: number) => `${model}:${pk}`;
const find = (path: string) => pageFor(path, link);

test('every address that the server hands out leads to its page', () => {
  const source = readFileSync(new URL('../../../crates/inventory/src/platform/pages.rs', import.meta.url), 'utf8');
  const [, table = ''] = /pub static PAGES.*?= &\[(.*?)\n\];/s.exec(source) ?? [];
  const entries = [...table.matchAll(/pages\(\s*&(\w+),\s*\["([^"]+)"[^\]]*\],\s*&\[(.*?)\]/gs)];
  expect(entries.length).toBeGreaterThan(10);
  for (const [, constant = '', path = '', others = ''] of entries) {
    for (const before of [path, ...[...others.matchAll(/"([^"]+)"/g)].map(([, other = '']) => other)]) {
      // a table is named as its model, which may say of what it is (ITEM, stockitem)
      const model = PATHS.find(([known]) => known === before)?.[1] ?? '';
      expect(model, before).toMatch(new RegExp(`${constant.replaceAll('_', '').toLowerCase()}$`));
      for (const address of [`${before}/7`, `/web${before}/7/`, `/platform${before}/7/details`]) expect(find(address), address).toBe(`${model}:7`);
    }
  }
});

test('pages of areas are found, and own pages are left alone', () => {
  expect(find('/web/')).toBe('/');
  expect(find('/web/part/category/index/parts')).toBe('/categories');
  expect(find('/web/purchasing/index/suppliers')).toBe('/purchase-orders');
  for (const own of ['/', '/stock/12', '/stock/12/history', '/parts/3', '/admin/settings']) expect(find(own), own).toBeUndefined();
});
