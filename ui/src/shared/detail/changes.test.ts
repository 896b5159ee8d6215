import { expect, test } from 'vitest';
import { kindOf } from '@/app/registry';
import { kindOfTable, shownChanges, tableOf } from './changes';

const change = (column: string, before: unknown, after: unknown, secret = false) => ({ column, before, after, secret });

test('a change shows what differs, without columns that follow from others', () => {
  const changes = [change('quantity', '5', '7'), change('updated', 'a', 'b'), change('metadata', null, '{}'), change('notes', 'x', null)];
  expect(shownChanges({ action: 'change', changes }).map(({ column }) => column)).toEqual(['quantity', 'notes']);
});

test('of a new row, and of one that is gone, the values that it had are shown', () => {
  const changes = [change('name', null, 'Reel'), change('notes', null, null), change('password', null, null, true)];
  expect(shownChanges({ action: 'add', changes }).map(({ column }) => column)).toEqual(['name', 'password']);
  expect(shownChanges({ action: 'delete', changes: [change('name', 'Reel', null), change('notes', '', null)] })).toHaveLength(1);
});

test('tables and kinds are found from each other', () => {
  for (const [model, table] of [['stockitem', 'stock_stockitem'], ['customstatus', 'common_inventreecustomuserstatemodel'], ['user', 'auth_user']] as const) {
    expect(kindOfTable(table)?.model).toBe(model);
    expect(table.endsWith(tableOf(kindOf(model)!)!)).toBe(true);
  }
});
