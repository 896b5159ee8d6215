/** The request for the rows that a table shows: the same one where it is asked for ahead. */
import type { Query } from '@/api/client';
import { listOf } from '@/api/options';
import type { Column, Resource } from '../description';
import type { TableState } from './state';

/** What a table is set to at first. */
export const initialState = (resource: Resource, fixed: Query) => ({
  ...(resource.sort && { sort: resource.sort }),
  filters: Object.fromEntries(Object.entries(resource.initialFilters ?? {}).filter(([name]) => !(name in fixed))),
});

export const nameOfColumn = (column: Column) => (typeof column === 'string' ? column : column.name);

/** Columns of linked rows need the parameter that has these in the answer. */
function detailsFor(columns: string[], options: string[]): Query {
  const wanted = columns.flatMap((id) => (id.includes('.') ? [id.split('.')[0] ?? ''] : [`${id}_detail`]));
  return Object.fromEntries(wanted.filter((name) => options.includes(name)).map((name) => [name, true]));
}

interface Asked {
  resource: Resource;
  /** Columns that are shown where there is room; another width asks for nothing new. */
  columns: string[];
  /** All that are known, for those that need a parameter. */
  known: { id: string; query?: Query }[];
  fixed: Query;
  state: TableState;
}

/** Without the page: what is exported, too. */
export const narrowedQuery = ({ resource, columns, known, fixed, state }: Asked): Query => ({
  ...resource.query,
  ...detailsFor(columns, listOf(resource.kind.api).options),
  ...Object.assign({}, ...known.filter(({ id }) => columns.includes(id)).map(({ query }) => query ?? {})),
  ...fixed,
  ...state.filters,
  search: state.search || undefined,
  ordering: state.sort.join(',') || undefined,
});

export const pageQuery = (asked: Asked): Query => ({ ...narrowedQuery(asked), limit: asked.state.size, offset: (asked.state.page - 1) * asked.state.size });
