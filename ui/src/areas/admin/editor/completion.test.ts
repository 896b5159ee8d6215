import { expect, test } from 'vitest';
import { type Names, offersAt } from './completion';

const name = (name: string, model: string | null = null, list = false) => ({ name, model, list });
const names: Names = {
  variables: [name('part', 'part'), name('order', 'purchaseorder'), name('width')],
  records: {
    part: [name('IPN'), name('category', 'partcategory'), name('stock_items', 'stockitem', true)],
    partcategory: [name('pathstring')],
    purchaseorder: [name('lines', 'purchaseorderlineitem', true)],
    purchaseorderlineitem: [name('part', 'part'), name('quantity')],
    stockitem: [name('batch')],
  },
  tags: ['for', 'if', 'qrcode'],
  filters: ['upper', 'floatformat'],
};
const offered = (text: string) => offersAt(text, text.length, names)?.offers.map(({ label }) => label);

test('names are offered inside of tags only', () => {
  expect(offered('<p>pa')).toBeUndefined();
  expect(offered('{{ part }} pa')).toBeUndefined();
  expect(offered('{{ pa')).toContain('part');
  expect(offered('{% ')).toEqual(['for', 'if', 'qrcode']);
  expect(offered('{% if pa')).toContain('part');
  expect(offered('{{ part.IPN|')).toEqual(['upper', 'floatformat']);
  expect(offered('{% qrcode "pa')).toBeUndefined();
});

test('paths are followed, through lists and what loops name', () => {
  expect(offered('{{ part.')).toEqual(['IPN', 'category', 'stock_items']);
  expect(offered('{{ part.category.pa')).toEqual(['pathstring']);
  expect(offered('{{ part.stock_items.')).toContain('count');
  expect(offered('{{ part.stock_items.first.')).toEqual(['batch']);
  const loop = '{% for line in order.lines.all %}{{ ';
  expect(offered(`${loop}line.`)).toEqual(['part', 'quantity']);
  expect(offered(`${loop}line.part.category.`)).toEqual(['pathstring']);
  expect(offered(`${loop}forloop.`)).toContain('counter');
  expect(offered(`${loop}line }}{% endfor %}{{ line.`)).toBeUndefined();
  expect(offered('{% with c=part.category %}{{ c.')).toEqual(['pathstring']);
});

test('the word that is being written is replaced', () => {
  expect(offersAt('{{ part.cat', 11, names)?.from).toBe(8);
  expect(offersAt('{{ pa', 5, names)?.from).toBe(3);
});
