/** The state of a table lives in the page's address, so that it can be sent to somebody. */
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useCallback, useMemo } from 'react';

export interface TableState {
  search: string;
  sort: string[];
  page: number;
  size: number;
  filters: Record<string, string>;
}

export const SIZES = [25, 50, 100, 250, 500];
const DEFAULT_SIZE = 100;
/** Filters whose value is this are off, although the table has them at first. */
export const OFF = 'any';

type Search = Record<string, string | undefined>;

/** Reads the state from the address; `f.active=true` is a filter. */
export function readState(search: Search, initial: { sort?: string; filters?: Record<string, string> }): TableState {
  const filters: Record<string, string> = { ...initial.filters };
  for (const [name, value] of Object.entries(search)) {
    if (!name.startsWith('f.') || value === undefined) continue;
    if (value === OFF) delete filters[name.slice(2)];
    else filters[name.slice(2)] = value;
  }
  const size = Number(search.size);
  return {
    search: search.q ?? '',
    sort: (search.sort ?? initial.sort ?? '').split(',').filter(Boolean),
    page: Math.max(1, Math.trunc(Number(search.page)) || 1),
    size: SIZES.includes(size) ? size : DEFAULT_SIZE,
    filters,
  };
}

/** Writes a change into the address; what is as at first is left out. */
export function writeState(
  search: Search,
  state: TableState,
  initial: { sort?: string; filters?: Record<string, string> },
): Search {
  const others = Object.entries(search).filter(
    ([name]) => !name.startsWith('f.') && !['q', 'sort', 'page', 'size'].includes(name),
  );
  const next: Search = Object.fromEntries(others);
  if (state.search) next.q = state.search;
  if (state.sort.join(',') !== (initial.sort ?? '')) next.sort = state.sort.join(',');
  if (state.page > 1) next.page = String(state.page);
  if (state.size !== DEFAULT_SIZE) next.size = String(state.size);
  for (const [name, value] of Object.entries(state.filters)) {
    if (initial.filters?.[name] !== value) next[`f.${name}`] = value;
  }
  for (const name of Object.keys(initial.filters ?? {})) {
    if (!(name in state.filters)) next[`f.${name}`] = OFF;
  }
  return next;
}

export function useTableState(initial: { sort?: string; filters?: Record<string, string> }) {
  const search = useSearch({ strict: false }) as Search;
  const navigate = useNavigate();
  const state = useMemo(() => readState(search, initial), [search, initial]);
  const change = useCallback(
    (part: Partial<TableState>, replace = false) => {
      // every change but that of the page begins at the first page again
      const next = { ...state, page: 1, ...part };
      void navigate({ to: '.', search: writeState(search, next, initial) as never, replace, resetScroll: false });
    },
    [navigate, search, state, initial],
  );
  return { state, change };
}
