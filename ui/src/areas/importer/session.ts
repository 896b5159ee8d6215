/** A session of the importer, as the server tells of it. */
import { get, type Row } from '@/api/client';
import type { Field, Fields } from '@/api/options';

export const SESSIONS = '/api/importer/session/';
export const ROWS = '/api/importer/row/';
export const MAPPINGS = '/api/importer/column-mapping/';

export const MAPPING = 10;
export const IMPORTING = 20;
export const PROCESSING = 30;
export const COMPLETE = 40;

export interface Mapping extends Row {
  field: string;
  column: string;
  label?: string;
  description?: string;
  lookup_field: string | null;
}

export type ImportField = Field & { lookup_fields?: string[] };

/** What was guessed of a file, and what was chosen instead. */
export type FileFormat = Record<string, unknown> & { sheets?: string[]; chosen?: string[] };

export interface Session extends Row {
  timestamp: string;
  data_file: string;
  model_type: string;
  update_records: boolean;
  status: number;
  columns: string[];
  column_mappings: Mapping[];
  available_fields: Fields;
  field_defaults: Record<string, unknown> | null;
  field_overrides: Record<string, unknown> | null;
  /** How the file is written, where the server tells it. */
  file_format?: FileFormat | null;
  row_count: number;
  completed_row_count: number;
  row_count_history: number | null;
  completed_row_count_history: number | null;
}

export interface ImportRow extends Row {
  row_index: number;
  row_data: Record<string, unknown> | null;
  data: Record<string, unknown> | null;
  errors: Record<string, unknown> | null;
  valid: boolean;
  complete: boolean;
}

export const sessionQuery = (pk: number) => ({
  queryKey: ['import', pk],
  queryFn: () => get<Session>(`${SESSIONS}${pk}/`),
});

/** Fields of the sessions that are no setting of the user: they have places of their own. */
export const NO_SETTING = new Set(['data_file', 'model_type', 'update_records', 'field_defaults', 'field_overrides', 'field_filters', 'file_format', 'completed_row_count_history', 'row_count_history']);

/** Settings of a session: whatever else the server lets its clients choose. */
export const settingsOf = (fields: Fields): [string, Field][] =>
  Object.entries(fields).filter(([name, field]) => !field.read_only && !NO_SETTING.has(name));

/** A required field without a column or a value. */
export function missingFields(session: Session): string[] {
  const filled = new Set(session.column_mappings.filter((mapping) => mapping.column).map((mapping) => mapping.field));
  const given = { ...session.field_defaults, ...session.field_overrides };
  return Object.entries(session.available_fields)
    .filter(([name, field]) => (session.update_records ? name === 'id' : field.required && field.default === undefined))
    .map(([name]) => name)
    .filter((name) => !filled.has(name) && [undefined, null, ''].includes(given[name] as undefined));
}

const words = (text: string) => new Set(text.toLowerCase().split(/[^\p{L}\p{N}]+/u).filter((word) => word.length > 1));

/** How a column fits a field, from 0 to 1: by the words of their names. */
export function likeness(column: string, name: string, label: string): number {
  const theirs = words(column);
  const ours = [...words(name), ...words(label)];
  if (theirs.size === 0 || ours.length === 0) return 0;
  const common = [...theirs].filter((word) => ours.some((own) => own === word || (word.length > 2 && (own.startsWith(word) || word.startsWith(own)))));
  return common.length / Math.max(theirs.size, words(label).size || 1);
}

const ENOUGH = 0.5;
/** Names that people give to columns. */
const ALSO: Record<string, string[]> = {
  quantity: ['qty', 'count', 'amount', 'number', 'menge', 'anzahl', 'stück', 'stk', 'quantité'],
  quantity_text: ['qty', 'quantity', 'count', 'amount', 'menge', 'anzahl', 'stück'],
  raw_amount: ['qty', 'quantity', 'count', 'amount', 'menge', 'anzahl'],
  sub_part: ['component', 'part', 'part name', 'item', 'ipn', 'name', 'bauteil', 'teil', 'mpn', 'value'],
  reference: ['designator', 'designators', 'references', 'refdes', 'ref', 'reference(s)', 'bezeichner'],
  name: ['part name', 'title', 'bezeichnung'],
  description: ['desc', 'details', 'text', 'beschreibung'],
  note: ['notes', 'comment', 'comments', 'remark', 'bemerkung'],
  notes: ['note', 'comment', 'comments', 'remark', 'bemerkung'],
  location: ['place', 'storage', 'bin', 'shelf', 'lagerort', 'lagerplatz'],
  category: ['group', 'type', 'kategorie'],
  IPN: ['part number', 'internal part number', 'number', 'artikelnummer'],
  SKU: ['order code', 'order number', 'supplier part number', 'bestellnummer'],
  MPN: ['manufacturer part number', 'mfr part', 'mfr part number'],
  batch: ['lot', 'charge'],
};

/** The column that a field likely comes from; none where nothing fits. */
export function suggestion(columns: string[], taken: Set<string>, name: string, label: string): string | undefined {
  const free = columns.filter((column) => !taken.has(column));
  const known = free.find((column) => ALSO[name]?.includes(column.trim().toLowerCase()));
  if (known) return known;
  const [best] = free.map((column) => ({ column, fit: likeness(column, name, label) })).sort((a, b) => b.fit - a.fit);
  return best && best.fit > ENOUGH ? best.column : undefined;
}

/** What is wrong with a field of a row. */
export function errorOf(row: ImportRow, field: string): string | undefined {
  const found = row.errors?.[field];
  if (found === undefined || found === null) return undefined;
  return Array.isArray(found) ? found.map(String).join(' ') : String(found);
}

/** What is wrong with a row, beside its shown fields. */
export function otherErrors(row: ImportRow, shown: Set<string>): string {
  return Object.keys(row.errors ?? {})
    .filter((name) => !shown.has(name))
    .map((name) => (['non_field_errors', '__all__', 'detail'].includes(name) ? errorOf(row, name) : `${name}: ${errorOf(row, name)}`))
    .join(' ');
}

/** A name that no record has, with the rows that have it. */
export interface MissingName {
  field: string;
  text: string;
  rows: ImportRow[];
}

/** Names in fields of linked rows that are refused, the most frequent first. */
export function missingNames(session: Session, rows: ImportRow[]): MissingName[] {
  const found = new Map<string, MissingName>();
  for (const mapping of session.column_mappings) {
    const field = mapping.field;
    if (!mapping.column || session.available_fields[field]?.type !== 'related field') continue;
    for (const row of rows) {
      const text = String(row.row_data?.[mapping.column] ?? '').trim();
      if (!text || errorOf(row, field) === undefined) continue;
      const key = `${field} ${text}`;
      const entry = found.get(key) ?? { field, text, rows: [] };
      entry.rows.push(row);
      found.set(key, entry);
    }
  }
  return [...found.values()].sort((a, b) => b.rows.length - a.rows.length);
}
