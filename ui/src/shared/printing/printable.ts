/** Which kinds of records labels and reports can be printed of, and with what. */
import { queryOptions, useQuery } from '@tanstack/react-query';
import { get, page, type Row } from '@/api/client';
import { listOf } from '@/api/options';
import type { Printing } from '../description';

export const TEMPLATES: Record<Printing, string> = { label: '/api/label/template/', report: '/api/report/template/' };
export const PRINTS: Record<Printing, string> = { label: '/api/label/print/', report: '/api/report/print/' };

export interface Template extends Row {
  name: string;
  description: string;
  model_type: string;
  enabled: boolean;
  width?: number;
  height?: number;
  page_size?: string;
  landscape?: boolean;
}

export interface Plugin extends Row {
  key: string;
  name: string;
  active: boolean;
}

const MOST = 500;
const MINUTES = 5 * 60_000;

/** All templates that are in use. */
export const templatesQuery = (printing: Printing) =>
  queryOptions({
    queryKey: ['templates', printing],
    queryFn: async ({ signal }) => (await page<Template>(TEMPLATES[printing], { enabled: true, limit: MOST, ordering: 'name' }, signal)).results,
    staleTime: MINUTES,
    retry: false,
  });

/** Templates for these very records: a template may be made for some records of a kind only. */
export const templatesFor = (printing: Printing, model: string, keys: number[]) =>
  queryOptions({
    queryKey: ['templates', printing, model, keys],
    queryFn: async ({ signal }) =>
      (await page<Template>(TEMPLATES[printing], { enabled: true, model_type: model, items: keys.join(','), limit: MOST, ordering: 'name' }, signal)).results,
    retry: false,
  });

/** What prints labels: into files, and on machines. */
export const printersQuery = queryOptions({
  queryKey: ['printers'],
  queryFn: async ({ signal }) => {
    if (!listOf('/api/plugins/').filters.mixin) return [];
    const found = await get<Plugin[] | { results: Plugin[] }>('/api/plugins/', { mixin: 'labels', active: true }, signal);
    return Array.isArray(found) ? found : found.results;
  },
  staleTime: MINUTES,
  retry: false,
});

/** Machines that are in use. */
export const machinesQuery = queryOptions({
  queryKey: ['machines', 'active'],
  queryFn: async ({ signal }) =>
    (await page<{ pk: string; name: string }>('/api/machine/', { active: true, machine_type: 'label-printer', limit: MOST, ordering: 'name' }, signal)).results,
  staleTime: MINUTES,
  retry: false,
});

/** Says whether there are templates for a kind of record. */
export function usePrintable(isWanted: boolean): (printing: Printing, model: string) => boolean {
  const labels = useQuery({ ...templatesQuery('label'), enabled: isWanted });
  const reports = useQuery({ ...templatesQuery('report'), enabled: isWanted });
  return (printing, model) => {
    const { data } = printing === 'label' ? labels : reports;
    return data?.some((template) => template.model_type === model) ?? false;
  };
}
