/** Reads again what is shown, after a change. */
import { type Query as CacheEntry, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useCallback, useMemo } from 'react';
import type { Context } from './description';

/** What no change of a record changes. */
const STEADY = new Set(['options', 'states', 'me']);

export function useRefresh(): () => Promise<void> {
  const client = useQueryClient();
  return useCallback(
    () => client.invalidateQueries({ predicate: (entry: CacheEntry) => !STEADY.has(String(entry.queryKey[0])) }),
    [client],
  );
}

/** What actions are given. */
export function useContext(): Context {
  const refresh = useRefresh();
  const navigate = useNavigate();
  return useMemo(
    () => ({
      refresh,
      go: (to: string) => {
        const [path, text] = to.split('?');
        return navigate({ to: path as never, search: Object.fromEntries(new URLSearchParams(text)) as never });
      },
    }),
    [refresh, navigate],
  );
}
