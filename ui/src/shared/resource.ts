/** The description of a kind, loaded when it is needed. */
import { useQuery, useSuspenseQuery } from '@tanstack/react-query';
import { page, type Query } from '@/api/client';
import { type Fields, metadata } from '@/api/options';
import { kind, readyResource, resourceOf } from '@/app/registry';
import type { Resource } from './description';

export function useResource(model: string): Resource {
  const { data } = useSuspenseQuery({
    queryKey: ['options', 'resource', model],
    queryFn: () => resourceOf(kind(model)),
    // what is loaded is there at once
    initialData: () => readyResource(kind(model)),
    staleTime: Infinity,
    gcTime: Infinity,
  });
  return data;
}

/** The fields of a list's rows. */
export function useFields(api: string, isWanted = true): Fields {
  const { data } = useQuery({ ...metadata(api), enabled: isWanted });
  return data?.actions?.GET ?? data?.actions?.PUT ?? data?.actions?.POST ?? EMPTY;
}
const EMPTY: Fields = {};

export const rowsKey = (api: string, query: Query) => ['rows', api, query];
export const readRows = (api: string, query: Query) => ({
  queryKey: rowsKey(api, query),
  queryFn: ({ signal }: { signal: AbortSignal }) => page(api, query, signal),
});
