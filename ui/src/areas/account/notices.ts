/** Notifications of the signed-in user. */
import { queryOptions } from '@tanstack/react-query';
import { page, type Row } from '@/api/client';
import { kindOf, linkTo } from '@/app/registry';

export const NOTICES = '/api/notifications/';
/** How often the bell asks. */
const EVERY = 60_000;

export interface Notice extends Row {
  name: string;
  message: string;
  category: string;
  creation: string;
  age: number;
  read: boolean;
  target: { name?: string; model?: string; model_id?: number; link?: string; pk?: number } | null;
}

export const unreadQuery = queryOptions({
  queryKey: ['rows', NOTICES, 'unread'],
  queryFn: () => page<Notice>(NOTICES, { read: false, ordering: '-creation', limit: 8 }),
  refetchInterval: EVERY,
});

/** The page that a notification is about. */
export function placeOf(notice: Notice): string | null {
  const { model, model_id, link } = notice.target ?? {};
  const kind = kindOf(model);
  if (kind?.load && model_id) return linkTo(kind, model_id);
  // addresses of records: `/web/part/7/`
  const found = /\/(?:web\/)?([a-z-]+)\/(\d+)\/?$/.exec(link ?? '');
  const other = kindOf(found?.[1]?.replace(/-/g, ''));
  return other?.load && found?.[2] ? linkTo(other, found[2]) : null;
}
