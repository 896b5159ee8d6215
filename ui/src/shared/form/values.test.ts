import { expect, test } from 'vitest';
import type { Fields } from '@/api/options';
import { initialValues, payload, readyFields } from './values';

const field = (type: string, more = {}) => ({ type, label: type, required: false, read_only: false, ...more });
const fields: Fields = {
  name: field('string', { required: true }),
  quantity: field('decimal', { default: 1 }),
  location: field('related field', { allow_null: true }),
  pk: field('integer', { read_only: true }),
};

test('all that can be written is in the form, or what is named', () => {
  expect(readyFields(fields, undefined).map((entry) => entry.name)).toEqual(['name', 'quantity', 'location']);
  expect(readyFields(fields, ['location', 'unknown', 'pk']).map((entry) => entry.name)).toEqual(['location']);
});

test('a new row sends what was given, a changed one what has changed', () => {
  const ready = readyFields(fields, undefined);
  const first = initialValues(ready, undefined);
  expect(payload(ready, { ...first, name: 'Bolt' }, first, true)).toEqual({ name: 'Bolt', quantity: 1 });
  const kept = initialValues(ready, { pk: 1, name: 'Bolt', quantity: 4, location: 3 });
  expect(payload(ready, { ...kept, name: '', location: null }, kept, false)).toEqual({ name: '', location: null });
  expect(payload(ready, { ...kept, quantity: '0.00001' }, kept, false)).toEqual({ quantity: '0.00001' });
});
