/** Makes deleted rows again from what they had. Their keys are others then, so this is for rows that nothing names but what is made or changed with them. */
import { call, get, page, patch, post, type Row } from '@/api/client';
import type { Field, Fields, Metadata } from '@/api/options';
import type { Resource } from './description';

/** More are not kept in the page. */
const MOST = 250;
const NOT_KEPT = new Set(['nested object', 'file upload', 'image upload']);

const isKept = ({ read_only, type }: Field) => !read_only && !NOT_KEPT.has(type);

/** What a request has to have so that a row is made as it was. */
export function valuesOf(row: Row, fields: Fields): Record<string, unknown> {
  const names = Object.keys(fields).filter((name) => fields[name] && isKept(fields[name]) && row[name] !== undefined && row[name] !== null && row[name] !== '');
  return Object.fromEntries(names.map((name) => [name, row[name]]));
}

const fieldsOf = async (api: string): Promise<Fields> => (await call<Metadata>('OPTIONS', api)).actions?.POST ?? {};

async function countOf(api: string, model: string, pk: number): Promise<number> {
  return (await page(api, { model_type: model, model_id: pk, limit: 1 })).count;
}

type Adopt = NonNullable<NonNullable<Resource['restores']>['adopts']>[number];

interface Kept {
  url: string;
  values: Record<string, unknown>;
  below: { api: string; by: string; rows: Record<string, unknown>[] }[];
  /** Rows that stay, and named it. */
  adopted: { adopt: Adopt; rows: Row[] }[];
}

async function keep(resource: Resource, row: Row): Promise<Kept | undefined> {
  const { kind, carries = [], restores } = resource;
  if (!restores || (restores.when && !restores.when(row))) return undefined;
  // files and values that hang on the row would be lost
  if (carries.includes('attachments') && (await countOf('/api/attachment/', kind.model, row.pk)) > 0) return undefined;
  if (carries.includes('parameters') && (await countOf('/api/parameter/', kind.model, row.pk)) > 0) return undefined;
  if (restores.make) return { ...restores.make(row), below: [], adopted: [] };
  const whole = await get<Row>(`${kind.api}${row.pk}/`);
  const below = [];
  for (const { api, by, fixed } of restores.with ?? []) {
    const found = await page(api, { [by]: row.pk, limit: MOST });
    if (found.count > MOST) return undefined;
    const fields = await fieldsOf(api);
    below.push({ api, by, rows: found.results.map((inner) => ({ ...valuesOf(inner, fields), ...fixed })) });
  }
  const adopted = [];
  for (const adopt of restores.adopts ?? []) {
    const found = await page(adopt.api, { [adopt.by]: row.pk, ...adopt.query, limit: MOST });
    if (found.count > MOST) return undefined;
    adopted.push({ adopt, rows: found.results });
  }
  return { url: kind.api, adopted, values: { ...valuesOf({ ...row, ...whole }, await fieldsOf(kind.api)), ...restores.fixed }, below };
}

/** Reads rows that are about to be deleted; the answer makes them again. Nothing where that cannot be done as they were. */
export async function keepForUndo(resource: Resource, rows: Row[]): Promise<(() => Promise<void>) | undefined> {
  if (!resource.restores || rows.length > MOST) return undefined;
  const kept: Kept[] = [];
  for (const row of rows) {
    const one = await keep(resource, row).catch(() => undefined);
    if (!one) return undefined;
    kept.push(one);
  }
  return async () => {
    for (const { url, values, below, adopted } of kept) {
      const made = await post<Row>(url, values);
      for (const { api, by, rows } of below) for (const row of rows) await post(api, { ...row, [by]: made.pk });
      for (const { adopt, rows } of adopted) {
        if (rows.length === 0) continue;
        if (adopt.put) await adopt.put(rows, made.pk);
        else for (const row of rows) await patch(`${adopt.api}${row.pk}/`, { [adopt.by]: made.pk });
      }
    }
  };
}
