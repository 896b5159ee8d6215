/** Moves and their undoing. */
import { patch, post, type Row } from '@/api/client';
import { translate } from '@/app/i18n';

const transfer = (items: { pk: number; quantity: unknown }[], location: number, notes: string) =>
  post('/api/stock/transfer/', { items, location, notes });

/** Moves stock items; gives what takes it back. */
export async function moveItems(rows: Row[], location: number): Promise<(() => Promise<unknown>) | undefined> {
  const moved = rows.filter((row) => row.location !== location);
  if (moved.length === 0) return undefined;
  await transfer(moved.map((row) => ({ pk: row.pk, quantity: row.quantity })), location, translate('Moved by scanning'));
  if (moved.some((row) => typeof row.location !== 'number')) return undefined;
  return async () => {
    for (const row of moved) await transfer([{ pk: row.pk, quantity: row.quantity }], Number(row.location), translate('Move undone'));
  };
}

/** Moves a location with all in it; gives what takes it back. */
export async function moveLocation(row: Row, parent: number): Promise<() => Promise<unknown>> {
  const url = `/api/stock/location/${row.pk}/`;
  await patch(url, { parent });
  return () => patch(url, { parent: row.parent });
}
