/** What a user has chosen (columns, views, widgets): kept with their profile, so it is there on every device. */
import { useQueryClient } from '@tanstack/react-query';
import { useCallback } from 'react';
import { patch } from '@/api/client';
import { type User, userQuery, useUser } from '@/app/session';

const DELAY = 800;
/** Beside what other front ends keep in the same place. */
const OURS = 'ironwood';

type Kept = Record<string, unknown>;
const kept = (user: User | null | undefined): Kept => {
  const widgets = user?.profile?.widgets as Kept | null | undefined;
  return (widgets?.[OURS] as Kept | undefined) ?? {};
};

let timer: ReturnType<typeof setTimeout> | undefined;

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
      timer = setTimeout(() => {
        const user = client.getQueryData(userQuery.queryKey);
        if (user) void patch('/api/user/me/profile/', { widgets: user.profile?.widgets }).catch(() => {});
      }, DELAY);
    },
    [client, key],
  );
  return [value, set];
}
