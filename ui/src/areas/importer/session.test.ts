import { expect, test } from 'vitest';
import type { Field } from '@/api/options';
import { type ImportRow, missingFields, missingNames, otherErrors, type Session, settingsOf, suggestion } from './session';

const field = (more: Partial<Field> = {}): Field => ({ type: 'string', label: 'X', required: false, read_only: false, ...more });

test('columns are suggested by what people call them', () => {
  const columns = ['Qty', 'Designator', 'Part Description', 'Order code'];
  expect(suggestion(columns, new Set(), 'quantity', 'Quantity')).toBe('Qty');
  expect(suggestion(columns, new Set(), 'reference', 'Reference')).toBe('Designator');
  expect(suggestion(columns, new Set(), 'SKU', 'SKU')).toBe('Order code');
  expect(suggestion(columns, new Set(['Qty']), 'quantity', 'Quantity')).toBeUndefined();
  expect(suggestion(columns, new Set(), 'link', 'Link')).toBeUndefined();
});

test('a required field needs a column or a value', () => {
  const session = {
    update_records: false,
    available_fields: { name: field({ required: true }), unit: field({ required: true }), note: field(), state: field({ required: true, default: 1 }) },
    column_mappings: [{ pk: 1, field: 'name', column: '', lookup_field: null }],
    field_defaults: { unit: 'm' },
    field_overrides: null,
  } as unknown as Session;
  expect(missingFields(session)).toEqual(['name']);
});

test('settings are the fields that the server offers beside the file', () => {
  const fields = { data_file: field(), decimal_sign: field({ type: 'choice' }), status: field({ read_only: true }) };
  expect(settingsOf(fields).map(([name]) => name)).toEqual(['decimal_sign']);
});

test('errors that have no column are told with the row', () => {
  const row = { errors: { name: ['Empty.'], unit: ['Unknown.'], non_field_errors: ['Twice.'] } } as unknown as ImportRow;
  expect(otherErrors(row, new Set(['name']))).toBe('unit: Unknown. Twice.');
});

test('names that are refused are gathered once, with all their rows', () => {
  const session = {
    column_mappings: [{ pk: 1, field: 'category', column: 'Group' }, { pk: 2, field: 'name', column: 'Name' }],
    available_fields: { category: field({ type: 'related field', model: 'partcategory' }), name: field() },
  } as unknown as Session;
  const row = (pk: number, group: string, errors: Record<string, unknown>) =>
    ({ pk, row_data: { Group: group, Name: 'x' }, errors }) as unknown as ImportRow;
  const rows = [row(1, 'Bolts', { category: ['This names no row.'] }), row(2, 'Nuts ', { category: ['This names no row.'] }), row(3, 'Nuts', { category: ['no'] }), row(4, 'Gears', { name: ['no'] })];
  expect(missingNames(session, rows).map(({ text, rows }) => [text, rows.length])).toEqual([['Nuts', 2], ['Bolts', 1]]);
});
