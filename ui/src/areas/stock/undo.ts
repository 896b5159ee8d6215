/** What takes actions on stock items back. */
import { get, page, post, remove, type Row } from '@/api/client';
import { translate } from '@/app/i18n';
import type { Back } from '@/shared/undo';

type Sent = Record<string, unknown>;
interface SentItem {
  pk: number;
  quantity: unknown;
}

/** The items of a request with their rows as they were; nothing where one is not known, or would be gone. */
function known(rows: Row[], sent: Sent): { row: Row; item: SentItem }[] | undefined {
  const items = (sent.items ?? []) as SentItem[];
  const found = items.flatMap((item) => {
    const row = rows.find((row) => row.pk === item.pk);
    return row ? [{ row, item }] : [];
  });
  return found.length > 0 && found.length === items.length ? found : undefined;
}

/** An item that is used up may be deleted. */
const stays = (row: Row, left: unknown) => row.delete_on_deplete === false || Number(left) > 0;

const undone = () => translate('Undone');

/** A count is taken back by counting what was there before. */
export function undoCount(rows: Row[], sent: Sent): Back {
  const all = known(rows, sent);
  if (!all?.every(({ row, item }) => stays(row, item.quantity))) return undefined;
  return () => post('/api/stock/count/', { items: all.map(({ row }) => ({ pk: row.pk, quantity: row.quantity })), notes: undone() });
}

/** Adding is taken back by removing, and the other way round. */
export const undoWith =
  (url: string) =>
  (rows: Row[], sent: Sent): Back => {
    const all = known(rows, sent);
    const isAdding = url.includes('/add/');
    if (!all?.every(({ row, item }) => stays(row, isAdding ? Number(row.quantity) - Number(item.quantity) : row.quantity))) return undefined;
    return () => post(url, { items: all.map(({ item }) => ({ pk: item.pk, quantity: item.quantity })), notes: undone() });
  };

/** Groups rows by a value that they had. */
function byValue(rows: Row[], name: string): [number, Row[]][] {
  const groups = new Map<number, Row[]>();
  for (const row of rows) groups.set(Number(row[name]), [...(groups.get(Number(row[name])) ?? []), row]);
  return [...groups];
}

const isWhole = (row: Row, quantity: unknown) => Number(quantity) === Number(row.quantity);

/** The items that a part of each was split into since then. */
async function splitSince(before: Map<number, number>): Promise<Map<number, number>> {
  const found = new Map<number, number>();
  for (const [parent, last] of before) {
    const newest = await newestOf(parent);
    if (newest > last) found.set(parent, newest);
  }
  return found;
}

const MOST = 250;
/** The newest item that was split from another one. */
async function newestOf(parent: number): Promise<number> {
  const { results } = await page('/api/stock/', { parent, limit: MOST, ordering: '-creation_date' });
  return Math.max(0, ...results.map(({ pk }) => pk));
}

/** Whole items go back to where they were; what was split from one goes back into it. */
export function undoMove(rows: Row[], sent: Sent, split = new Map<number, number>()): Back {
  const all = known(rows, sent);
  if (!all?.every(({ row, item }) => typeof row.location === 'number' && (split.has(row.pk) || isWhole(row, item.quantity)))) return undefined;
  return async () => {
    const whole = all.map(({ row }) => row).filter(({ pk }) => !split.has(pk));
    for (const [location, moved] of byValue(whole, 'location')) {
      await post('/api/stock/transfer/', { items: moved.map((row) => ({ pk: row.pk, quantity: row.quantity })), location, notes: undone() });
    }
    for (const { row } of all) {
      const part = split.get(row.pk);
      if (part === undefined) continue;
      const items = [{ item: row.pk }, { item: part }];
      await post('/api/stock/merge/', { items, location: row.location, allow_mismatched_suppliers: true, allow_mismatched_status: true, notes: undone() });
    }
  };
}

/** [`undoMove`], with what is split from items by the move. */
export async function keepMove(rows: Row[], sent: Sent): Promise<() => Promise<Back>> {
  const before = new Map<number, number>();
  for (const { row, item } of known(rows, sent) ?? []) if (!isWhole(row, item.quantity)) before.set(row.pk, await newestOf(row.pk));
  return async () => undoMove(rows, sent, await splitSince(before));
}

/** Whoever has an item gives it back to where it was. */
export function undoAssign(rows: Row[]): Back {
  if (!rows.every((row) => typeof row.location === 'number')) return undefined;
  return async () => {
    for (const [location, given] of byValue(rows, 'location')) {
      await post('/api/stock/return/', { items: given.map(({ pk, quantity }) => ({ pk, quantity })), location, notes: undone() });
    }
  };
}

const install = (into: unknown, item: number, quantity: unknown) => post(`/api/stock/${Number(into)}/install/`, { stock_item: item, quantity, note: undone() });

/** Installs an item again where it was. */
export const undoUninstall = ([row]: Row[]): Back => (row?.belongs_to ? () => install(row.belongs_to, row.pk, row.quantity) : undefined);

/** Items that came back whole go to their customers again, or into what they were installed in. */
export function undoReturn(rows: Row[], sent: Sent): Back {
  const all = known(rows, sent);
  if (sent.merge || !all?.every(({ row, item }) => isWhole(row, item.quantity) && !row.sales_order && (row.customer || row.belongs_to))) return undefined;
  return async () => {
    for (const { row } of all) {
      if (row.belongs_to) await install(row.belongs_to, row.pk, row.quantity);
      else await post('/api/stock/assign/', { items: [{ item: row.pk }], customer: row.customer, notes: undone() });
    }
    const others = all.filter(({ row, item }) => (item as { status?: unknown }).status !== undefined && Number((item as { status?: unknown }).status) !== Number(row.status_custom_key ?? row.status));
    if (others.length > 0) await undoStatus(others.map(({ row }) => row), { items: others.map(({ row }) => row.pk) })?.();
  };
}

/** One transaction writes the entries of a history within so many ms. */
const AT_ONCE = 1000;

/** Whether nothing happened to an item since it was made. */
async function isAsMade(item: number): Promise<boolean> {
  const { results } = await page('/api/stock/track/', { item, limit: MOST });
  const moments = results.map(({ date }) => Date.parse(String(date)));
  return Math.max(...moments) - Math.min(...moments) < AT_ONCE;
}

/** Items that just got serial numbers go again, and what they were made of gets its quantity back, where that is still there. */
export function undoSerialize([row]: Row[], _: Sent, answer: unknown): Back {
  const made = Array.isArray(answer) ? (answer as Row[]) : [];
  if (!row || made.length === 0 || row.is_building || !stays(row, Number(row.quantity) - made.length)) return undefined;
  return async () => {
    const fresh = await Promise.all(made.map(({ pk }) => isAsMade(pk)));
    if (!fresh.every(Boolean)) throw new Error(translate('These items have changed since then.'));
    await remove('/api/stock/', { items: made.map(({ pk }) => pk) });
    await post('/api/stock/add/', { items: [{ pk: row.pk, quantity: made.length }], notes: undone() });
  };
}

/** An item that was installed is taken out again, to where it was. */
export async function keepInstall(_: Row[], sent: Sent): Promise<() => Promise<Back>> {
  const item = await get<Row>(`/api/stock/${Number(sent.stock_item)}/`);
  const before = await newestOf(item.pk);
  return async () => {
    if (typeof item.location !== 'number') return undefined;
    if (isWhole(item, sent.quantity ?? item.quantity)) return () => post(`/api/stock/${item.pk}/uninstall/`, { location: item.location, note: undone() });
    const part = (await splitSince(new Map([[item.pk, before]]))).get(item.pk);
    return part === undefined ? undefined : () => post('/api/stock/return/', { items: [{ pk: part, quantity: sent.quantity }], location: item.location, merge: true, notes: undone() });
  };
}

export const undoConvert = ([row]: Row[]): Back => row && (() => post(`/api/stock/${row.pk}/convert/`, { part: row.part }));

export function undoStatus(rows: Row[], sent: Sent): Back {
  if (!rows.every((row) => (sent.items as number[]).includes(row.pk))) return undefined;
  return async () => {
    for (const [status, changed] of byValue(rows.map((row) => ({ ...row, state: row.status_custom_key ?? row.status })), 'state')) {
      await post('/api/stock/change_status/', { items: changed.map((row) => row.pk), status, note: undone() });
    }
  };
}
