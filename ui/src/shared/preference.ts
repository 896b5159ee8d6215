/** What a user has chosen (columns, views, widgets): kept with their profile, so it is there on every device. */
import { type QueryClient, useQueryClient } from '@tanstack/react-query';
import { useCallback } from 'react';
import { call } from '@/api/client';
import { type User, userQuery, useUser } from '@/app/session';

const DELAY = 800;
/** Beside what other front ends keep in the same place. */
const OURS = 'ironwood';

type Kept = Record<string, unknown>;
const kept = (user: User | null | undefined): Kept => {
  const widgets = user?.profile?.widgets as Kept | null | undefined;
  return (widgets?.[OURS] as Kept | undefined) ?? {};
};

/** All that the user has chosen, for what is no part of a page. */
export const keptOf = (client: QueryClient): Kept => kept(client.getQueryData(userQuery.queryKey));

let timer: ReturnType<typeof setTimeout> | undefined;
/** Sends what was chosen last, where it was not sent yet. */
let send: (() => void) | undefined;

function sendNow(): void {
  clearTimeout(timer);
  send?.();
  send = undefined;
}

// whoever closes the page right after a choice keeps it
if (typeof window !== 'undefined') window.addEventListener('pagehide', sendNow);

export function usePreference<T>(key: string, initial: T): [T, (value: T | undefined) => void] {
  const client = useQueryClient();
  const user = useUser();
  const value = (kept(user)[key] as T | undefined) ?? initial;
  const set = useCallback(
    (value: T | undefined) => {
      client.setQueryData(userQuery.queryKey, (user) => {
        if (!user) return user;
        const ours = { ...kept(user), [key]: value };
        if (value === undefined) delete ours[key];
        const widgets = { ...(user.profile?.widgets as Kept | null), [OURS]: ours };
        return { ...user, profile: { ...user.profile, widgets } };
      });
      clearTimeout(timer);
      send = () => {
        const user = client.getQueryData(userQuery.queryKey);
        if (user) void call('PATCH', '/api/user/me/profile/', { body: { widgets: user.profile?.widgets }, keepalive: true }).catch(() => {});
      };
      timer = setTimeout(sendNow, DELAY);
    },
    [client, key],
  );
  return [value, set];
}
