import { expect, test } from 'vitest';
import { readState, writeState } from './state';

const initial = { sort: 'name', filters: { in_stock: 'true' } };

test('the address says what differs from how a table begins', () => {
  const first = readState({}, initial);
  expect(first).toEqual({ search: '', sort: ['name'], page: 1, size: 100, filters: { in_stock: 'true' } });
  expect(writeState({}, first, initial)).toEqual({});
  const changed = { search: 'bolt', sort: ['-name', 'IPN'], page: 3, size: 50, filters: { part: '7' } };
  const address = writeState({ other: 'kept', q: 'old' }, changed, initial);
  expect(address).toEqual({
    other: 'kept', q: 'bolt', sort: '-name,IPN', page: '3', size: '50', 'f.part': '7', 'f.in_stock': 'any',
  });
  expect(readState(address, initial)).toEqual(changed);
});

test('odd addresses are read as far as they make sense', () => {
  expect(readState({ page: '-4', size: '7', sort: ',,' }, {})).toEqual({ search: '', sort: [], page: 1, size: 100, filters: {} });
});
