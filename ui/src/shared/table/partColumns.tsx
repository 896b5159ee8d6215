/** Columns of the part that a row is about: its fields, parameters, and the numbers of those who sell and make it. */
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { type Query, type Row } from '@/api/client';
import { listOf } from '@/api/options';
import { translate } from '@/app/i18n';
import type { Column, Resource } from '../description';
import { readRows, useFields } from '../resource';
import { Nothing, showValue } from '../values';

const PARTS = '/api/part/';
const MOST = 250;
const MINUTES = 5 * 60_000;
/** Nested rows that are parts. */
const DETAILS = ['part_detail', 'sub_part_detail'];
/** Lists whose `part_detail` is what a supplier sells. */
const OF_SUPPLIERS = new Set(['/api/company/price-break/']);
/** Fields of nested parts. */
const FIELDS = ['IPN', 'revision', 'description', 'units', 'default_location', 'minimum_stock', 'active', 'assembly', 'trackable'];

interface Parameter extends Row {
  template: number;
  data: string;
}

/** The templates of parts' parameters. */
export function useParameterTemplates(isWanted = true): Row[] | undefined {
  const { data } = useQuery({
    ...readRows('/api/parameter/template/', { for_model: 'part', enabled: true, limit: MOST, ordering: 'name' }),
    enabled: isWanted,
    staleTime: MINUTES,
  });
  return data?.results;
}

/** A value with its unit; it may name the unit itself. */
export function parameterText(data: string | undefined, template: Row): string {
  if (!data) return '–';
  return Number.isFinite(Number(data)) && template.units ? `${data} ${String(template.units)}` : data;
}

/** Rows that belong to a part, read when they come into sight. */
function useOf(api: string, part: unknown, query: Query): Row[] | undefined {
  const { data } = useQuery({ ...readRows(api, { ...query, limit: MOST }), enabled: typeof part === 'number', staleTime: MINUTES });
  return data?.results;
}

function PartParameter({ part, template }: { part: unknown; template: Row }) {
  const rows = useOf('/api/parameter/', part, { model_type: 'part', model_id: part as number });
  const found = rows?.find((row) => row.template === template.pk) as Parameter | undefined;
  return found ? <>{parameterText(found.data, template)}</> : <Nothing />;
}

function Numbers({ part, api, name }: { part: unknown; api: string; name: string }) {
  const rows = useOf(api, part, { part: part as number });
  const found = [...new Set(rows?.map((row) => String(row[name] ?? '')).filter(Boolean))];
  return found.length ? <>{found.join(', ')}</> : <Nothing />;
}

/** Only parts that are bought have such numbers. */
const bought = (part: Row | null | undefined) => (part?.purchaseable === false ? undefined : part?.pk);

/** Numbers of manufacturers and suppliers. `keyOf` gives the part of a row. */
function numberColumns(before: string, keyOf: (row: Row) => unknown): Column[] {
  const label = (name: string) => (before ? `${translate('Part')}: ${name}` : name);
  return [
    { name: `${before}made_as`, label: label('MPN'), sort: false, width: 160, render: (row) => <Numbers part={keyOf(row)} api="/api/company/part/manufacturer/" name="MPN" /> },
    { name: `${before}sold_as`, label: label('SKU'), sort: false, width: 160, render: (row) => <Numbers part={keyOf(row)} api="/api/company/part/" name="SKU" /> },
  ];
}

export const ownNumberColumns: Column[] = numberColumns('', bought);

export function usePartColumns(resource: Resource): Column[] {
  const { api } = resource.kind;
  const detail = OF_SUPPLIERS.has(api) ? undefined : DETAILS.filter((name) => listOf(api).options.includes(name)).at(-1);
  const fields = useFields(PARTS, detail !== undefined);
  const templates = useParameterTemplates(detail !== undefined);
  return useMemo(() => {
    if (!detail) return [];
    const query = { [detail]: true };
    const partOf = (row: Row) => row[detail] as Row | null | undefined;
    const before = `${detail}.`;
    const named = (name: string) => `${translate('Part')}: ${name}`;
    return [
      ...FIELDS.map((name): Column => ({
        name: before + name,
        label: named(translate(fields[name]?.label ?? name)),
        query,
        render: (row) => {
          const part = partOf(row);
          return part ? showValue(fields[name], name, part) : <Nothing />;
        },
      })),
      ...numberColumns(before, (row) => bought(partOf(row))).map((column) => ({ ...(column as object), query }) as Column),
      ...(templates ?? []).map((template): Column => ({
        name: `${before}parameter_${template.pk}`,
        label: named(String(template.name)),
        sort: false,
        width: 140,
        query,
        render: (row) => <PartParameter part={partOf(row)?.pk} template={template} />,
      })),
    ];
  }, [detail, fields, templates]);
}
