/** Asks for a page while the pointer rests on the link to it, or a finger touches it, so that a click shows it at once. */
import type { QueryClient } from '@tanstack/react-query';
import { base, type Query } from '@/api/client';
import { metadata } from '@/api/options';
import type { Kind } from '@/shared/description';
import { rowQuery } from '@/shared/detail/row';
import { keptOf } from '@/shared/preference';
import { readRows } from '@/shared/resource';
import { initialState, nameOfColumn, pageQuery } from '@/shared/table/query';
import { readState } from '@/shared/table/state';
import { kindAt, pages, resourceOf } from './registry';
import { mayDo, userQuery } from './session';

/** Whoever only passes over a link asks for nothing. */
const REST = 60;
/** What was asked for ahead is used for so long. */
const FRESH = 5_000;

async function list(client: QueryClient, kind: Kind, search: URLSearchParams): Promise<void> {
  const resource = await resourceOf(kind);
  void client.prefetchQuery(metadata(kind.api));
  if (resource.list) return;
  const fixed: Query = {};
  const columns = (keptOf(client)[`columns.${kind.model}`] as string[] | undefined) ?? resource.columns.map(nameOfColumn);
  const known = resource.columns.flatMap((column) => (typeof column === 'string' ? [] : [{ id: column.name, ...(column.query && { query: column.query }) }]));
  const state = readState(Object.fromEntries(search), initialState(resource, fixed));
  void client.prefetchQuery({ ...readRows(kind.api, pageQuery({ resource, columns, known, fixed, state })), staleTime: FRESH });
}

async function record(client: QueryClient, kind: Kind, pk: string): Promise<void> {
  const resource = await resourceOf(kind);
  void client.prefetchQuery(metadata(kind.api));
  void client.prefetchQuery({ ...rowQuery(resource, pk), staleTime: FRESH });
}

/** Loads what the page at an address needs. */
export function askAhead(client: QueryClient, address: string): void {
  const url = new URL(address, window.location.href);
  if (url.origin !== window.location.origin || !url.pathname.startsWith(base)) return;
  const path = url.pathname.slice(base.length);
  if (path === window.location.pathname.slice(base.length)) return;
  const page = pages.find((page) => page.path === path);
  if (page) return void page.load().catch(() => {});
  const [first = '', pk] = path.split('/');
  const kind = kindAt(first);
  const user = client.getQueryData(userQuery.queryKey);
  if (!kind?.load || !user || !mayDo(user, kind.role ?? kind.model, 'view')) return;
  (pk ? record(client, kind, pk) : list(client, kind, url.searchParams)).catch(() => {});
}

/** Where what is under the pointer leads to: a link, or a row of a table. */
const leadsTo = (target: EventTarget | null): string | undefined => {
  const element = target instanceof Element ? target.closest('a[href], [data-to]') : null;
  return element?.getAttribute('data-to') ?? element?.getAttribute('href') ?? undefined;
};

export function startAhead(client: QueryClient): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let last: string | undefined;
  const wait = (event: Event, pause: number) => {
    const to = leadsTo(event.target);
    if (to === last) return;
    clearTimeout(timer);
    last = to;
    if (to) timer = setTimeout(() => askAhead(client, to), pause);
  };
  document.addEventListener('pointerover', (event) => wait(event, REST), { passive: true });
  document.addEventListener('focusin', (event) => wait(event, REST), { passive: true });
  document.addEventListener(
    'pointerdown',
    (event) => {
      const to = leadsTo(event.target);
      clearTimeout(timer);
      if (to && event.button === 0) askAhead(client, to);
    },
    { passive: true },
  );
}
