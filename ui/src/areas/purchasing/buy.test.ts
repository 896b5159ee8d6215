import { expect, test } from 'vitest';
import { packs } from './buy';

test('whole packs are bought', () => {
  expect(packs(7, { pk: 1, pack_quantity_native: 1 })).toBe(7);
  expect(packs(101, { pk: 1, pack_quantity_native: 100 })).toBe(2);
  expect(packs(0.5, { pk: 1, pack_quantity_native: 1 })).toBe(1);
  expect(packs(3, undefined)).toBe(3);
});
