/** States of records, with the colors that the server gives them. */
import { queryOptions, useQuery } from '@tanstack/react-query';
import { useMemo, useSyncExternalStore } from 'react';
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

/** Kept beside the query: tables show hundreds of states, and none of them watches it. */
let known: Classes = {};
const listeners = new Set<() => void>();
const subscribe = (listener: () => void) => {
  listeners.add(listener);
  return () => void listeners.delete(listener);
};

const statesQuery = queryOptions({
  queryKey: ['states'],
  queryFn: async ({ signal }) => {
    known = await get<Classes>('/api/generic/status/', {}, signal);
    listeners.forEach((listener) => listener());
    return known;
  },
  staleTime: Infinity,
});

export function useStates(name: string | undefined): State[] {
  const { data } = useQuery({ ...statesQuery, enabled: Boolean(name) });
  return useMemo(() => (name ? Object.values(data?.[name]?.values ?? {}) : []), [data, name]);
}

/** Reads the states, for all that shows one of them. */
export const useLoadStates = () => void useQuery(statesQuery);

/** A state, where the states are read. */
export function useKnownState(name: string | undefined, key: unknown): State | undefined {
  const all = useSyncExternalStore(subscribe, () => known);
  return name ? Object.values(all[name]?.values ?? {}).find((state) => state.key === key) : undefined;
}

export const colorOf = (state: State | undefined) => COLORS[state?.color ?? ''] ?? 'gray';
