import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import german from '@/locales/de.json';
import { kindOf } from '@/app/registry';
import { humanize } from '../format';
import { kindOfTable, shownChanges, tableOf } from './changes';
import { columnLabel } from './columns';

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

test('each column of a recorded table has a name in every language', () => {
  const folder = new URL('../../../../crates/inventory/src/installation/migrations/', import.meta.url);
  const steps = readdirSync(folder).filter((name) => name.endsWith('.sql')).map((name) => readFileSync(new URL(name, folder), 'utf8'));
  const columns = steps.flatMap((text) => [
    ...[...text.matchAll(/CREATE TABLE "?(\w+)"? \(([\s\S]*?)\n\)/g)].flatMap(([, table = '', body = '']) => [...body.matchAll(/^\s*"?([a-z]\w*)"? [A-Z]/gm)].map(([, column = '']) => [table, column])),
    ...[...text.matchAll(/ALTER TABLE "?(\w+)"? ADD (?:COLUMN )?"?([a-z]\w*)"?/g)].map(([, table = '', column = '']) => [table, column]),
  ]) as [string, string][];
  expect(columns.length).toBeGreaterThan(300);
  const isShown = (column: string) => shownChanges({ action: 'add', changes: [change(column, null, 1)] }).length > 0 && column !== 'id';
  const lacking = columns.filter(([table, column]) => !/^(ironwood_|common_(webhook|email|notificationentry))/.test(table) && isShown(column) && !((columnLabel(column) ?? humanize(column.replace(/_id$/, ''))) in german));
  expect([...new Set(lacking.map(([, column]) => column))]).toEqual([]);
});
