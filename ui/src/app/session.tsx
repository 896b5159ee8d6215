/** Who is signed in, and what they may do. */
import { queryOptions, useQuery, useQueryClient } from '@tanstack/react-query';
import { createContext, type ReactNode, useCallback, useContext } from 'react';
import { call, get, patch, post, type Row } from '@/api/client';
import type { Kind, PageEntry, Verb } from '@/shared/description';
import { setLanguage } from './i18n';
import { forgetSeen } from './offline';

export interface User extends Row {
  username: string;
  first_name: string;
  last_name: string;
  email: string;
  is_staff: boolean;
  is_superuser: boolean;
  roles: Record<string, Verb[] | null>;
  permissions: Record<string, Verb[]>;
  profile?: Record<string, unknown>;
}

export const userQuery = queryOptions({
  queryKey: ['me'],
  queryFn: async () => {
    try {
      return await get<User>('/api/user/me/', { roles: true });
    } catch (error) {
      if (error instanceof Error && 'status' in error && (error.status === 401 || error.status === 403)) return null;
      throw error;
    }
  },
  staleTime: 5 * 60_000,
  retry: 1,
});

export const useSession = () => useQuery(userQuery);

const Signed = createContext<User | null>(null);

/** Has the user for all below: hundreds of links of a table ask what they may do, and none of them watches the query. */
export function SessionProvider({ children }: { children: ReactNode }) {
  const { data } = useQuery(userQuery);
  return <Signed value={data ?? null}>{children}</Signed>;
}

/** The signed-in user; only used inside of the shell, where somebody is. */
export function useUser(): User {
  const client = useQueryClient();
  // a page may be drawn with the answer a moment before the provider is
  const user = useContext(Signed) ?? client.getQueryData(userQuery.queryKey);
  if (!user) throw new Error('Nobody is signed in.');
  return user;
}

/** Whether the user may do this with rows of a ruleset (`part`) or, where there is no role, a table. */
export function mayDo(user: User, role: string | undefined, verb: Verb): boolean {
  if (user.is_superuser || !role) return true;
  if (role in user.roles) return user.roles[role]?.includes(verb) ?? false;
  return user.permissions[role]?.includes(verb) ?? false;
}

/** The right that somebody lacks for a page, where they may not open it: `stock: add`. */
export function lacksFor(user: User, page: Pick<PageEntry, 'isStaff' | 'needs'>): { role: string; verb?: Verb } | undefined {
  if (page.isStaff && !user.is_staff) return { role: 'staff' };
  const [first] = page.needs ?? [];
  return first && !page.needs?.some(([role, verb]) => mayDo(user, role, verb)) ? { role: first[0], verb: first[1] } : undefined;
}

export function useMay() {
  const user = useUser();
  return useCallback(
    (what: Kind | string | undefined, verb: Verb) =>
      mayDo(user, typeof what === 'object' ? (what.role ?? what.model) : what, verb),
    [user],
  );
}

export const signIn = (username: string, password: string) =>
  post('/api/auth/v1/auth/login', { username, password });

/** Ends the session. The server answers 401: nobody is signed in any more. */
export function useSignOut() {
  const client = useQueryClient();
  return useCallback(async () => {
    await call('DELETE', '/api/auth/v1/auth/session').catch(() => {});
    await forgetSeen();
    // first the page of whoever is not signed in; what the others show goes with them
    client.setQueryData(userQuery.queryKey, null);
    client.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== userQuery.queryKey[0] });
  }, [client]);
}

/** Sets the language of the pages, and keeps it in the user's profile. */
export function useChooseLanguage() {
  const client = useQueryClient();
  return useCallback(
    async (language: string) => {
      client.setQueryData(userQuery.queryKey, (user) => user && { ...user, profile: { ...user.profile, language } });
      await setLanguage(language);
      await patch('/api/user/me/profile/', { language });
    },
    [client],
  );
}

export const fullName = (user: Pick<User, 'first_name' | 'last_name' | 'username'>) =>
  [user.first_name, user.last_name].filter(Boolean).join(' ') || user.username;
