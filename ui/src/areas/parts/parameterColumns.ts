/** Any parameter as a column and as a filter of the table of parts. */
import { useMemo } from 'react';
import type { Row } from '@/api/client';
import { translate } from '@/app/i18n';
import type { Column } from '@/shared/description';
import type { Comparison, FilterKind } from '@/shared/table/Filters';
import { ownNumberColumns, parameterText, useParameterTemplates } from '@/shared/table/partColumns';

type Parameter = { template: number; data: string };

/** The value of a part's parameter, with its unit. */
export const parameterValue = (row: Row, template: Row): string =>
  parameterText((row.parameters as Parameter[] | undefined)?.find((parameter) => parameter.template === template.pk)?.data, template);

export function useParameterColumns(): Column[] {
  const templates = useParameterTemplates();
  return useMemo(
    () => [
      ...ownNumberColumns,
      ...(templates ?? []).map((template) => ({
        name: `parameter_${template.pk}`,
        label: String(template.name),
        sort: `parameter_${template.pk}`,
        width: 140,
        query: { parameters: true },
        render: (row: Row) => parameterValue(row, template),
      })),
    ],
    [templates],
  );
}

/** The server compares values with their units: 4.7 kΩ is less than 10000 Ω. */
const COMPARISONS: Comparison[] = [
  { ending: '', sign: 'is' },
  { ending: '_gte', sign: 'at least' },
  { ending: '_lte', sign: 'at most' },
  { ending: '_ne', sign: 'is not' },
  { ending: '_icontains', sign: 'contains' },
];

export function useParameterFilters(): FilterKind[] {
  const templates = useParameterTemplates();
  return useMemo(
    () =>
      (templates ?? []).map((template): FilterKind => {
        const name = `parameter_${template.pk}`;
        const label = translate('Parameter: {{name}}', { name: template.name });
        if (template.checkbox) return { name, label, type: 'boolean' };
        const suggestions = String(template.choices ?? '').split(',').map((choice) => choice.trim()).filter(Boolean);
        return { name, label, type: 'text', comparisons: COMPARISONS, suggestions, units: String(template.units ?? '') };
      }),
    [templates],
  );
}
