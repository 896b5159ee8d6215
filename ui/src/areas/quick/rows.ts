/** Rows of quick entry: what the next one keeps, and what a spreadsheet gives. */
import { page, type Row } from '@/api/client';
import type { Field, Fields } from '@/api/options';
import { kindOf } from '@/app/registry';
import { nameOf } from '@/shared/RelatedInput';

export type Values = Record<string, unknown>;
export interface Line {
  id: number;
  values: Values;
  errors: Record<string, string[]>;
  state: 'open' | 'busy' | 'done';
  /** The record that was made. */
  made?: Row;
}

let next = 1;
export const newLine = (values: Values = {}): Line => ({ id: next++, values, errors: {}, state: 'open' });

/** Fields whose last value the next row begins with. */
const KEPT = new Set(['category', 'location', 'parent', 'supplier', 'default_location', 'location_type', 'status', 'units', 'manufacturer']);
export const keptOf = (values: Values, names: string[]): Values =>
  Object.fromEntries(names.filter((name) => KEPT.has(name) && values[name] !== undefined && values[name] !== null).map((name) => [name, values[name]]));

export const isEmpty = (line: Line, kept: Values): boolean =>
  Object.entries(line.values).every(([name, value]) => value === null || value === undefined || value === '' || value === kept[name]);

/** A text in a field of related rows: not chosen yet, but looked for when the row is saved. */
export const isText = (field: Field | undefined, value: unknown): value is string =>
  field?.type === 'related field' && typeof value === 'string' && value !== '' && !/^\d+$/.test(value);

/** Puts the cells of a spreadsheet into lines, from a line and a field on; lines that are missing are added. */
export function pasted(lines: Line[], cells: string[][], at: number, names: string[], from: number, kept: Values): Line[] {
  const all = [...lines];
  cells.forEach((row, down) => {
    const line = all[at + down] ?? newLine({ ...kept });
    const values = { ...line.values };
    row.forEach((cell, across) => {
      const name = names[from + across];
      if (name !== undefined && cell.trim() !== '') values[name] = cell.trim();
    });
    all[at + down] = { ...line, values, errors: {} };
  });
  return all;
}

/** A first row that names the fields, in any order. */
export function headed(cells: string[][], fields: Fields): { names: string[]; rows: string[][] } | null {
  const [first, ...rows] = cells;
  if (!first || rows.length === 0) return null;
  const known = Object.entries(fields);
  const names = first.map((cell) => {
    const text = cell.trim().toLowerCase();
    return known.find(([name, field]) => [name.toLowerCase(), field.label.toLowerCase()].includes(text))?.[0] ?? '';
  });
  return names.every(Boolean) ? { names, rows } : null;
}

const EXACT = ['pathstring', 'IPN', 'name', 'full_name', 'reference', 'SKU', 'MPN', 'code', 'username'];

/** The key of the row that a text names. */
export async function keyOf(field: Field, text: string): Promise<number> {
  const kind = kindOf(field.model);
  const { results } = await page(field.api_url ?? kind?.api ?? '', { ...kind?.query, ...field.filters, search: text, limit: 30 });
  const wanted = text.trim().toLowerCase();
  const exact = EXACT.map((name) => results.filter((row) => String(row[name] ?? '').toLowerCase() === wanted)).find((rows) => rows.length === 1);
  const found = exact ?? results;
  if (found.length === 1 && found[0]) return found[0].pk;
  throw new Error(found.length === 0 ? 'No results for this name.' : `${found.length} rows have this name: ${found.slice(0, 3).map((row) => nameOf(row, kind)).join(', ')}`);
}
