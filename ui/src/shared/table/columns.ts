/** The columns that a table can have: those of the description first, then every field that the server has. */
import type { ReactNode } from 'react';
import type { Query, Row } from '@/api/client';
import { type Field, type Fields, listOf } from '@/api/options';
import { translate } from '@/app/i18n';
import type { Column, Resource } from '../description';
import { humanize } from '../format';
import { showValue } from '../values';

export interface TableColumn {
  id: string;
  label: string;
  render: (row: Row) => ReactNode;
  sort?: string;
  align: 'left' | 'right';
  width: number;
  query?: Query;
}

/** States are numbers that are shown as words. */
const STATE = /(^|\.|_)status$/;
const NUMERIC = new Set(['integer', 'float', 'decimal']);
/** Fields that are shown with others, are only sent, or are for programs. */
const HIDDEN = new Set([
  'pk', 'notes', 'barcode_hash', 'status_text', 'status_custom_key', 'thumbnail', 'tags_detail', 'serial_numbers', 'use_pack_size', 'deltas', 'logical_key', 'slug', 'cost_min_currency', 'cost_max_currency',
]);

function widthOf(field: Field | undefined, id: string): number {
  if (STATE.test(id)) return 140;
  if (id === 'name' || id === 'full_name' || id === 'description' || id === 'pathstring') return 260;
  switch (field?.type) {
    case 'boolean':
      return 90;
    case 'integer':
    case 'float':
    case 'decimal':
      return 110;
    case 'date':
      return 120;
    case 'datetime':
      return 170;
    case 'related field':
      return 200;
    default:
      return 150;
  }
}

/** The field behind a path through nested rows. */
export function fieldAt(fields: Fields, path: string): Field | undefined {
  const [first = '', ...rest] = path.split('.');
  const field = fields[first];
  return rest.length === 0 || !field ? field : fieldAt(field.children ?? {}, rest.join('.'));
}

function labelOf(fields: Fields, path: string): string {
  const steps = path.split('.');
  const label = fieldAt(fields, path)?.label ?? humanize(steps.at(-1) ?? path);
  if (steps.length === 1) return translate(label);
  return `${translate(humanize((steps[0] ?? '').replace(/_details?$/, '')))}: ${translate(label)}`;
}

function column(given: Column, fields: Fields, sorts: Set<string>, states: string | undefined): TableColumn {
  const { name, label, render, sort, width, align, query } = typeof given === 'string' ? { name: given } : { ...given };
  const field = fieldAt(fields, name);
  const usual = sorts.has(name) ? name : undefined;
  const key = sort === false ? undefined : (sort ?? usual);
  return {
    id: name,
    label: label ? translate(label) : labelOf(fields, name),
    render: render ?? ((row) => showValue(field, name, row, states)),
    ...(key && { sort: key }),
    align: align ?? (NUMERIC.has(field?.type ?? '') && !STATE.test(name) ? 'right' : 'left'),
    width: width ?? widthOf(field, name),
    ...(query && { query }),
  };
}

const nameOf = (given: Column) => (typeof given === 'string' ? given : given.name);

/** All columns, with the ids of those that are shown at first. */
export function columnsOf(resource: Resource, fields: Fields, added: Column[] = []): { all: TableColumn[]; first: string[] } {
  const sorts = new Set(listOf(resource.kind.api).sorts);
  const first = resource.columns.map(nameOf);
  const extra = added.filter((given) => !first.includes(nameOf(given)));
  const chosen = new Set([...first, ...extra.map(nameOf)]);
  const more: string[] = [];
  for (const [name, field] of Object.entries(fields)) {
    if (field.type === 'nested object') {
      for (const [inner, { type }] of Object.entries(field.children ?? {})) {
        const path = `${name}.${inner}`;
        if (!chosen.has(path) && !HIDDEN.has(inner) && type !== 'nested object') more.push(path);
      }
    } else if (!chosen.has(name) && !HIDDEN.has(name)) more.push(name);
  }
  const all = [...resource.columns, ...extra, ...more].map((given) => column(given, fields, sorts, resource.kind.states));
  return { all, first };
}
