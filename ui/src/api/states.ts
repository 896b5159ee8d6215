/** States of records, with the colors that the server gives them. */
import { queryOptions, useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { get } from './client';

export interface State {
  key: number;
  name: string;
  label: string;
  color: string;
}
type Classes = Record<string, { values: Record<string, State> }>;

const COLORS: Record<string, string> = {
  primary: 'blue',
  secondary: 'gray',
  success: 'green',
  danger: 'red',
  warning: 'orange',
  info: 'cyan',
  dark: 'dark',
};

const statesQuery = queryOptions({
  queryKey: ['states'],
  queryFn: ({ signal }) => get<Classes>('/api/generic/status/', {}, signal),
  staleTime: Infinity,
});

export function useStates(name: string | undefined): State[] {
  const { data } = useQuery({ ...statesQuery, enabled: Boolean(name) });
  return useMemo(() => (name ? Object.values(data?.[name]?.values ?? {}) : []), [data, name]);
}

export const colorOf = (state: State | undefined) => COLORS[state?.color ?? ''] ?? 'gray';
