/** What takes actions back: the button "Undo" beside the message of an action. */
import { page, patch, type Query, remove, type Row } from '@/api/client';

export type Back = (() => Promise<unknown>) | undefined;

/** Lists with more rows are not compared. */
const MOST = 500;

async function rowsOf(api: string, query: Query): Promise<Map<number, Row> | undefined> {
  const { count, results } = await page(api, { ...query, limit: MOST });
  return count > MOST ? undefined : new Map(results.map((row) => [row.pk, row]));
}

export interface Compared {
  api: string;
  query: Query;
  /** Fields that an action may change. */
  fields: string[];
  /** Makes rows again that the action has taken away; without it, such an action stays. */
  make?: (gone: Row[]) => Promise<unknown>;
}

/** Reads the rows of a list before an action. What it gives is called after it, and says how the list becomes as it was. */
export async function compare({ api, query, fields, make }: Compared): Promise<() => Promise<Back>> {
  const before = await rowsOf(api, query);
  return async () => {
    const after = before && (await rowsOf(api, query));
    if (!after) return undefined;
    const made = [...after.keys()].filter((pk) => !before.has(pk));
    const gone = [...before.values()].filter(({ pk }) => !after.has(pk));
    const changed = [...before.values()].flatMap((row) => {
      const now = after.get(row.pk);
      const names = fields.filter((name) => now && String(now[name]) !== String(row[name]));
      return names.length > 0 ? [{ pk: row.pk, values: Object.fromEntries(names.map((name) => [name, row[name]])) }] : [];
    });
    if (made.length + gone.length + changed.length === 0 || (gone.length > 0 && !make)) return undefined;
    return async () => {
      for (const pk of made) await remove(`${api}${pk}/`);
      for (const { pk, values } of changed) await patch(`${api}${pk}/`, values);
      if (gone.length > 0) await make?.(gone);
    };
  };
}

/** Gives fields the values that a row had. */
export const putBack = (api: string, row: Row, names: string[]) => () =>
  patch(`${api}${row.pk}/`, Object.fromEntries(names.map((name) => [name, row[name]])));
