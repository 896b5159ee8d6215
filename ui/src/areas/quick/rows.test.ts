import { expect, test } from 'vitest';
import type { Field } from '@/api/options';
import { headed, isEmpty, isText, keptOf, newLine, pasted } from './rows';

const field = (label: string, type = 'string'): Field => ({ type, label, required: false, read_only: false });

test('the next row keeps location and category', () => {
  expect(keptOf({ name: 'A', category: 3, location: null }, ['name', 'category', 'location'])).toEqual({ category: 3 });
  expect(isEmpty(newLine({ category: 3, name: '' }), { category: 3 })).toBe(true);
  expect(isEmpty(newLine({ category: 3, name: 'A' }), { category: 3 })).toBe(false);
});

test('cells of a spreadsheet fill rows from the one that has the focus', () => {
  const lines = [newLine({ name: 'old' }), newLine({ name: '', category: 3 })];
  const all = pasted(lines, [['A', '1'], ['B', '']], 1, ['name', 'quantity'], 0, { category: 3 });
  expect(all.map((line) => line.values)).toEqual([{ name: 'old' }, { name: 'A', quantity: '1', category: 3 }, { name: 'B', category: 3 }]);
});

test('a first row of names says where the columns go', () => {
  const fields = { name: field('Name'), IPN: field('Internal number') };
  expect(headed([['internal number', 'NAME'], ['1', 'A']], fields)).toEqual({ names: ['IPN', 'name'], rows: [['1', 'A']] });
  expect(headed([['A', 'B'], ['1', 'A']], fields)).toBeNull();
});

test('a text in a field of related rows is looked for', () => {
  expect(isText(field('Category', 'related field'), 'Boards')).toBe(true);
  expect(isText(field('Category', 'related field'), '12')).toBe(false);
  expect(isText(field('Name'), 'Boards')).toBe(false);
});
