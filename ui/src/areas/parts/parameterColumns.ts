/** Any parameter as a column of the table of parts. */
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { Row } from '@/api/client';
import type { Column } from '@/shared/description';
import { readRows } from '@/shared/resource';

const TEMPLATES = 250;
const MINUTES = 5 * 60_000;

type Parameter = { template: number; data: string };

/** The value of a part's parameter, with its unit. */
export function parameterValue(row: Row, template: Row): string {
  const found = (row.parameters as Parameter[] | undefined)?.find((parameter) => parameter.template === template.pk);
  if (!found?.data) return '–';
  // a value may name its unit itself
  const isBare = Number.isFinite(Number(found.data));
  return isBare && template.units ? `${found.data} ${String(template.units)}` : found.data;
}

export function useParameterColumns(): Column[] {
  const { data } = useQuery({
    ...readRows('/api/parameter/template/', { for_model: 'part', enabled: true, limit: TEMPLATES, ordering: 'name' }),
    staleTime: MINUTES,
  });
  return useMemo(
    () =>
      (data?.results ?? []).map((template) => ({
        name: `parameter_${template.pk}`,
        label: String(template.name),
        sort: `parameter_${template.pk}`,
        width: 140,
        query: { parameters: true },
        render: (row: Row) => parameterValue(row, template),
      })),
    [data],
  );
}
