/** What the server says of its lists and forms: OPTIONS, and the filters of the API's document. */
import { queryOptions } from '@tanstack/react-query';
import { call } from './client';
import lists from './lists.json';

export interface Field {
  type: string;
  label: string;
  help_text?: string;
  required: boolean;
  read_only: boolean;
  default?: unknown;
  max_length?: number;
  decimal_places?: number;
  allow_null?: boolean;
  choices?: { value: string | number; display_name: string }[];
  /** Of related rows. */
  model?: string;
  api_url?: string;
  pk_field?: string;
  filters?: Record<string, string | number | boolean>;
  children?: Fields;
}
export type Fields = Record<string, Field>;

export interface Metadata {
  name: string;
  description: string;
  actions?: Partial<Record<'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE', Fields>>;
}

export const metadata = (path: string) =>
  queryOptions({
    queryKey: ['options', path],
    queryFn: ({ signal }) => call<Metadata>('OPTIONS', path, { signal }),
    staleTime: Infinity,
    gcTime: Infinity,
  });

export interface ListDescription {
  filters: Record<string, string>;
  sorts: string[];
  search: boolean;
  options: string[];
}

const NOTHING: ListDescription = { filters: {}, sorts: [], search: false, options: [] };

export const listOf = (path: string): ListDescription =>
  (lists as Record<string, ListDescription>)[path] ?? NOTHING;
