/** The request for the record of a page. */
import { get, type Row } from '@/api/client';
import { hasTags, type Resource } from '../description';

export const rowQuery = (resource: Resource, pk: string | number) => ({
  queryKey: ['row', resource.kind.api, String(pk)],
  queryFn: ({ signal }: { signal: AbortSignal }) =>
    get<Row>(`${resource.kind.api}${pk}/`, { ...resource.kind.query, ...resource.query, ...(hasTags(resource) && { tags: true }) }, signal),
});
