/** What takes actions on stock items back. */
import { post, type Row } from '@/api/client';
import { translate } from '@/app/i18n';

type Sent = Record<string, unknown>;
type Back = (() => Promise<unknown>) | undefined;
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

/** Whole items go back to where they were; a part of one has become another item. */
export function undoMove(rows: Row[], sent: Sent): Back {
  const all = known(rows, sent);
  if (!all?.every(({ row, item }) => typeof row.location === 'number' && Number(item.quantity) === Number(row.quantity))) return undefined;
  return async () => {
    for (const [location, moved] of byValue(all.map(({ row }) => row), 'location')) {
      await post('/api/stock/transfer/', { items: moved.map((row) => ({ pk: row.pk, quantity: row.quantity })), location, notes: undone() });
    }
  };
}

export function undoStatus(rows: Row[], sent: Sent): Back {
  if (!rows.every((row) => (sent.items as number[]).includes(row.pk))) return undefined;
  return async () => {
    for (const [status, changed] of byValue(rows.map((row) => ({ ...row, state: row.status_custom_key ?? row.status })), 'state')) {
      await post('/api/stock/change_status/', { items: changed.map((row) => row.pk), status, note: undone() });
    }
  };
}
