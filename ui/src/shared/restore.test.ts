import { expect, test } from 'vitest';
import type { Fields } from '@/api/options';
import { valuesOf } from './restore';

const field = (type: string, read_only = false) => ({ type, read_only, label: '', required: false });

test('a row is made again from what can be sent, without what is empty, files and nested rows', () => {
  const fields: Fields = { part: field('related field'), quantity: field('decimal'), note: field('string'), total: field('decimal', true), image: field('image upload'), part_detail: field('nested object') };
  const row = { pk: 7, part: 3, quantity: 0, note: '', total: 9, image: '/x.png', part_detail: { pk: 3 } };
  expect(valuesOf(row, fields)).toEqual({ part: 3, quantity: 0 });
});
