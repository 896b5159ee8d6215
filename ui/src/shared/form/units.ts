/** The unit of what is typed: that of the part or the template that the form is about. */
import { useQuery } from '@tanstack/react-query';
import { get, type Row } from '@/api/client';
import { kindOf } from '@/app/registry';
import type { ReadyField, Values } from './values';

/** Fields that are in the unit of a row: which field names that row. */
const UNIT_OF: Record<string, string[]> = {
  quantity: ['part', 'sub_part'],
  setup_quantity: ['sub_part'],
  data: ['template'],
  default_value: ['template'],
};
/** Fields of a part that are in its own unit. */
const OWN = new Set(['minimum_stock', 'maximum_stock']);
const MODELS = new Set(['part', 'parametertemplate']);

export function useUnits(fields: ReadyField[], values: Values): (name: string) => string | undefined {
  const about = fields.find(({ name, field }) => MODELS.has(field.model ?? '') && ['part', 'sub_part', 'template'].includes(name));
  const pk = about ? values[about.name] : undefined;
  const api = kindOf(about?.field.model)?.api ?? '';
  const { data } = useQuery({
    queryKey: ['choice', api, 'pk', pk],
    queryFn: ({ signal }) => get<Row>(`${api}${String(pk)}/`, kindOf(about?.field.model)?.query ?? {}, signal),
    enabled: Boolean(pk && api),
    staleTime: 60_000,
  });
  return (name) => {
    if (OWN.has(name)) return text(values.units);
    return about && UNIT_OF[name]?.includes(about.name) ? text(data?.units) : undefined;
  };
}

const text = (value: unknown) => (typeof value === 'string' && value !== '' ? value : undefined);

/** The unit of the part that a row of stock, a line or an allocation is about. */
export const unitOf = (row: Row): string | undefined => {
  const part = (row.part_detail ?? row.sub_part_detail) as { units?: unknown } | null | undefined;
  return text(part?.units);
};
