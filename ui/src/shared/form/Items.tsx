/** The rows that an action is about, each with some values of its own: `items` of a request. */
import { ActionIcon, ScrollArea, Table, Text } from '@mantine/core';
import { IconPlus, IconX } from '@tabler/icons-react';
import { type ReactNode, useRef } from 'react';
import { get, type Query, type Row } from '@/api/client';
import type { Field } from '@/api/options';
import { translate, useTranslation } from '@/app/i18n';
import { kind } from '@/app/registry';
import { failed } from '../notify';
import { useScans } from '../scan';
import { FieldInput } from './FieldInput';
import classes from './Items.module.css';
import type { Values } from './values';

export interface ItemColumn {
  name: string;
  field: Partial<Field> & { label: string; type: string };
  initial?: (row: Row) => unknown;
  width?: number;
  /** Filters for the choices of related rows. */
  filters?: (row: Row) => Query;
  /** Unit of what is typed. */
  unit?: (row: Row) => string | undefined;
  /** Values that follow from the row that is chosen. */
  fills?: (chosen: Row, row: Row, values: Values) => Values;
}

export interface ItemsSpec {
  /** Name of the list in the request. */
  name: string;
  rows: Row[];
  label: (row: Row) => ReactNode;
  /** Columns that are only shown. */
  shown?: { label: string; render: (row: Row) => ReactNode }[];
  columns: ItemColumn[];
  /** An entry of the list; by default `pk` and the values. */
  toItem?: (row: Row, values: Values) => unknown;
  /** Kind of record that is added by scanning it. */
  scans?: string;
  /** A row can be there several times: the values that another one begins with, from those of the rows before. */
  repeats?: (row: Row, before: Values[]) => Values;
}

export interface Item {
  row: Row;
  values: Values;
}

const firstItem = (spec: ItemsSpec, row: Row): Item => ({
  row,
  values: Object.fromEntries(spec.columns.map((column) => [column.name, column.initial?.(row) ?? null])),
});
export const firstItems = (spec: ItemsSpec): Item[] => spec.rows.map((row) => firstItem(spec, row));

/** Values that are empty are left out. */
export function itemsBody(spec: ItemsSpec, items: Item[]): unknown[] {
  return items.map(({ row, values }) => {
    const kept = Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null && value !== ''));
    return spec.toItem ? spec.toItem(row, kept) : { pk: row.pk, ...kept };
  });
}

/** The rows with another one for the same record, after those that it has. */
export function repeated(spec: ItemsSpec, items: Item[], index: number): Item[] {
  const row = items[index]?.row;
  if (!row) return items;
  const before = items.filter((item) => item.row.pk === row.pk);
  const last = items.lastIndexOf(before.at(-1)!);
  return [...items.slice(0, last + 1), { row, values: { ...firstItem(spec, row).values, ...spec.repeats?.(row, before.map(({ values }) => values)) } }, ...items.slice(last + 1)];
}

const COMPLETE: Field = { type: 'string', label: '', required: false, read_only: false };

interface Props {
  spec: ItemsSpec;
  items: Item[];
  onChange: (change: Item[] | ((items: Item[]) => Item[])) => void;
  errors: Record<string, string[]>;
}

export function Items({ spec, items, onChange, errors }: Props) {
  const { t } = useTranslation();
  const errorOf = (index: number, name: string) => errors[`${spec.name}.${index}.${name}`]?.join(' ');
  const place = useRef<HTMLDivElement>(null);
  useScans((scan) => {
    if (!spec.scans || scan.model !== spec.scans || scan.pk === undefined) return false;
    const { api, query } = kind(spec.scans);
    const at = items.findIndex(({ row }) => row.pk === scan.pk);
    if (at >= 0) place.current?.querySelectorAll('tbody tr')[at]?.querySelector('input')?.select();
    else {
      get<Row>(`${api}${scan.pk}/`, query ?? {})
        .then((row) => onChange((items) => (items.some((item) => item.row.pk === row.pk) ? items : [...items, firstItem(spec, row)])))
        .catch(failed);
    }
    return true;
  }, place);
  const general = (index: number) => errors[`${spec.name}.${index}`]?.join(' ');
  return (
    <ScrollArea.Autosize mah={420} type="auto" offsetScrollbars="present" ref={place}>
      <Table className={classes.table} verticalSpacing={4} stickyHeader miw={420}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t('Item')}</Table.Th>
            {spec.shown?.map((column) => <Table.Th key={column.label}>{translate(column.label)}</Table.Th>)}
            {spec.columns.map((column) => (
              <Table.Th key={column.name} w={column.width ?? 130}>
                {translate(column.field.label)}
              </Table.Th>
            ))}
            <Table.Th w={spec.repeats ? 64 : 36} />
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {items.map(({ row, values }, index) => (
            <Table.Tr key={`${row.pk}/${items.slice(0, index).filter((item) => item.row.pk === row.pk).length}`}>
              <Table.Td>
                {spec.label(row)}
                {(general(index) ?? errorOf(index, 'pk') ?? errorOf(index, 'item')) && (
                  <Text size="xs" c="red">
                    {general(index) ?? errorOf(index, 'pk') ?? errorOf(index, 'item')}
                  </Text>
                )}
              </Table.Td>
              {spec.shown?.map((column) => (
                <Table.Td key={column.label} data-label={translate(column.label)}>
                  {column.render(row)}
                </Table.Td>
              ))}
              {spec.columns.map((column) => (
                <Table.Td key={column.name} valign="top" data-label={translate(column.field.label)}>
                  <FieldInput
                    isBare
                    name={`${spec.name}.${index}.${column.name}`}
                    field={{ ...COMPLETE, ...column.field }}
                    value={values[column.name]}
                    error={errorOf(index, column.name)}
                    filters={column.filters?.(row)}
                    unit={column.unit?.(row)}
                    onChange={(value, chosen) => {
                      const next = { ...values, [column.name]: value };
                      const filled = chosen ? column.fills?.(chosen, row, next) : undefined;
                      onChange(items.map((item, at) => (at === index ? { row, values: { ...next, ...filled } } : item)));
                    }}
                  />
                </Table.Td>
              ))}
              <Table.Td>
                {spec.repeats && (
                  <ActionIcon variant="subtle" color="gray" size="sm" aria-label={t('Another one')} title={t('Another one')} onClick={() => onChange(repeated(spec, items, index))}>
                    <IconPlus size={14} />
                  </ActionIcon>
                )}
                <ActionIcon
                  variant="subtle"
                  color="gray"
                  size="sm"
                  aria-label={t('Skip this one')}
                  onClick={() => onChange(items.filter((_, at) => at !== index))}
                >
                  <IconX size={14} />
                </ActionIcon>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </ScrollArea.Autosize>
  );
}
