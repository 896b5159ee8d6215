/** Loads what the first page needs at once, and the other pages while nothing else is to be done: its part of the application, and what the server says of its list. */
import type { QueryClient } from '@tanstack/react-query';
import { base } from '@/api/client';
import { metadata } from '@/api/options';
import { loadParts } from '@/shared/lazy';
import { kindAt, kinds, pages, resourceOf } from './registry';
import { mayDo, userQuery } from './session';

export function warmUp(client: QueryClient): void {
  const path = window.location.pathname.slice(base.length);
  void pages.find((page) => page.path === path)?.load();
  const kind = kindAt(path.split('/')[0] ?? '');
  if (kind?.load) void resourceOf(kind);
  void client.prefetchQuery(userQuery).then(() => {
    if (kind?.load && client.getQueryData(userQuery.queryKey)) void client.prefetchQuery(metadata(kind.api));
  });
}

/** Pages come after the first one, and one at a time. */
const AFTER = 2_000;
const LONGEST_WAIT = 1_000;
/** When nothing else is to be done, or at least soon. */
export const idle = () =>
  new Promise<void>((resolve) => {
    if ('requestIdleCallback' in window) window.requestIdleCallback(() => resolve(), { timeout: LONGEST_WAIT });
    else setTimeout(resolve, LONGEST_WAIT);
  });

/** Whether the user pays for what is loaded, or waits long for it. */
function isDear(): boolean {
  const { connection } = navigator as { connection?: { saveData?: boolean; effectiveType?: string } };
  return Boolean(connection?.saveData) || /2g|3g/.test(connection?.effectiveType ?? '');
}

/** Loads the pages that may come next, so that none of them waits for its script. */
export function warmPages(client: QueryClient): void {
  if (isDear()) return;
  setTimeout(() => void load(client).catch(() => {}), AFTER);
}

async function load(client: QueryClient): Promise<void> {
  const user = client.getQueryData(userQuery.queryKey);
  if (!user) return;
  for (const kind of kinds) {
    if (!kind.load || !mayDo(user, kind.role ?? kind.model, 'view')) continue;
    await idle();
    await resourceOf(kind).catch(() => {});
  }
  await loadParts(idle);
}
