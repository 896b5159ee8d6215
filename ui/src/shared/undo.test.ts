import { afterEach, expect, test, vi } from 'vitest';
import { compare } from './undo';

const list = { rows: [] as { pk: number; quantity: number }[] };
const sent: [string, string, unknown][] = [];
vi.mock('@/api/client', () => ({
  page: () => Promise.resolve({ count: list.rows.length, results: list.rows }),
  remove: (path: string) => Promise.resolve(sent.push(['DELETE', path, undefined])),
  patch: (path: string, body: unknown) => Promise.resolve(sent.push(['PATCH', path, body])),
}));
afterEach(() => sent.splice(0));

test('what an action made is deleted, and what it changed is as before', async () => {
  list.rows = [{ pk: 1, quantity: 5 }, { pk: 2, quantity: 7 }];
  const after = await compare({ api: '/api/x/', query: {}, fields: ['quantity'] });
  list.rows = [{ pk: 1, quantity: 9 }, { pk: 2, quantity: 7 }, { pk: 3, quantity: 1 }];
  await (await after())?.();
  expect(sent).toEqual([['DELETE', '/api/x/3/', undefined], ['PATCH', '/api/x/1/', { quantity: 5 }]]);
});

test('what an action took away comes back only where it can be made again', async () => {
  const rows = [{ pk: 1, quantity: 5 }];
  list.rows = rows;
  const without = await compare({ api: '/api/x/', query: {}, fields: [] });
  const gone: unknown[] = [];
  list.rows = rows;
  const made = await compare({ api: '/api/x/', query: {}, fields: [], make: (rows) => Promise.resolve(gone.push(...rows)) });
  list.rows = [];
  expect(await without()).toBeUndefined();
  await (await made())?.();
  expect(gone).toEqual(rows);
});

test('where nothing changed there is nothing to take back', async () => {
  list.rows = [{ pk: 1, quantity: 5 }];
  const after = await compare({ api: '/api/x/', query: {}, fields: ['quantity'] });
  expect(await after()).toBeUndefined();
});
