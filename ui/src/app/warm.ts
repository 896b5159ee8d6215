/** Loads what the first page needs at once: its part of the application, and what the server says of its list. */
import type { QueryClient } from '@tanstack/react-query';
import { base } from '@/api/client';
import { metadata } from '@/api/options';
import { kindAt, pages, resourceOf } from './registry';
import { userQuery } from './session';

export function warmUp(client: QueryClient): void {
  const path = window.location.pathname.slice(base.length);
  void pages.find((page) => page.path === path)?.load();
  const kind = kindAt(path.split('/')[0] ?? '');
  if (kind?.load) void resourceOf(kind);
  void client.prefetchQuery(userQuery).then(() => {
    if (kind?.load && client.getQueryData(userQuery.queryKey)) void client.prefetchQuery(metadata(kind.api));
  });
}
