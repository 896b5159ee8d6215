/** Addresses: `/`, a page of an area, `/<kind>`, `/<kind>/<key>` and `/<kind>/<key>/<tab>`. */
import { Alert, Anchor, Button, Center, Group, Stack, Text, Title } from '@mantine/core';
import { useDocumentTitle } from '@mantine/hooks';
import { createRootRoute, createRoute, createRouter, type ErrorComponentProps, Link, Navigate, redirect, useLocation, useParams } from '@tanstack/react-router';
import type { UseQueryResult } from '@tanstack/react-query';
import { type ComponentType, useEffect, useState } from 'react';
import { at, base } from '@/api/client';
import type { Kind, PageEntry } from '@/shared/description';
import { DetailPage } from '@/shared/detail/DetailPage';
import { Help } from '@/shared/Help';
import { lazy } from '@/shared/lazy';
import { useResource } from '@/shared/resource';
import { ResourceTable } from '@/shared/table/ResourceTable';
import { useTranslation } from './i18n';
import { useOnlyPage } from './onlyPage';
import { pageFor } from './otherAddresses';
import { kindAt, kindOf, linkTo, pages } from './registry';
import { SignIn } from './SignIn';
import { lacksFor, type User, useMay, useSession, useUser } from './session';
import { BareShell, Shell } from './Shell';

/** As the document has it before scripts run. */
const Start = () => (
  <div className="start">
    <img src={at('icon.svg')} alt="" width={28} height={28} /> Ironwood
  </div>
);

function Root() {
  const { data, error, isPending, refetch } = useSession() as UseQueryResult<User | null, Error>;
  const { t } = useTranslation();
  const { pathname } = useLocation();
  const only = useOnlyPage();
  const [isFirst, setIsFirst] = useState(true);
  const isAway = Boolean(data) && pathname !== '/';
  useEffect(() => {
    if (isAway) setIsFirst(false);
  }, [isAway]);
  if (isPending) return <Start />;
  if (error) {
    return (
      <Center h="100dvh">
        <Stack align="center">
          <Alert color="red" title={t('The server cannot be reached.')}>
            {error.message}
          </Alert>
          <Button onClick={() => void refetch()}>{t('Try again')}</Button>
        </Stack>
      </Center>
    );
  }
  if (!data) return <SignIn />;
  if (only !== null && pathname !== `/${only}`) return <Navigate to={`/${only}` as never} replace />;
  const start = isFirst && pathname === '/' ? pages.find((page) => page.startsFor?.(data)) : undefined;
  if (start) return <Navigate to={`/${start.path}` as never} replace />;
  return pages.some((page) => page.isBare && pathname === `/${page.path}`) ? <BareShell /> : <Shell />;
}

function Failed({ error, reset }: ErrorComponentProps) {
  const { t } = useTranslation();
  return (
    <Alert color="red" title={t('This page could not be displayed')}>
      <Text size="sm">{error instanceof Error ? error.message : String(error)}</Text>
      <Button size="xs" mt="sm" onClick={reset}>
        {t('Try again')}
      </Button>
    </Alert>
  );
}

function NotFound() {
  const { t } = useTranslation();
  return (
    <Center style={{ flex: 1 }}>
      <Stack align="center" gap={4}>
        <Title order={2}>{t('This page does not exist')}</Title>
        <Anchor component={Link} to={'/' as never}>
          {t('Home')}
        </Anchor>
      </Stack>
    </Center>
  );
}

export function NoRight({ role, verb = 'view' }: { role: string; verb?: string }) {
  const { t } = useTranslation();
  return (
    <Alert color="yellow" title={t('You do not have permission to view this page')} maw={560}>
      {t('You need the permission "{{right}}". Ask an administrator to grant it.', { right: `${role}: ${verb}` })}
    </Alert>
  );
}

function KindPage({ children }: { children: (kind: Kind) => React.ReactNode }) {
  const { kind: path = '' } = useParams({ strict: false }) as { kind?: string };
  const kind = kindAt(path);
  const may = useMay();
  if (!kind?.load) return <NotFound />;
  if (!may(kind, 'view')) return <NoRight role={kind.role ?? kind.model} />;
  return children(kind);
}

function List({ kind }: { kind: Kind }) {
  const { t } = useTranslation();
  useDocumentTitle(`${t(kind.plural)} · Ironwood`);
  const { list: Own, help } = useResource(kind.model);
  return (
    <Stack gap={10} style={{ flex: 1, minHeight: 0 }}>
      <Group gap={8}>
        <Title order={1} size="h3">
          {t(kind.plural)}
        </Title>
        {help && <Help text={help} />}
      </Group>
      {Own ? <Own /> : <ResourceTable model={kind.model} />}
    </Stack>
  );
}

function ListRoute() {
  return <KindPage>{(kind) => <List key={kind.model} kind={kind} />}</KindPage>;
}

function DetailRoute() {
  const { pk = '', tab } = useParams({ strict: false }) as { pk?: string; tab?: string };
  return <KindPage>{(kind) => <DetailPage key={`${kind.model}/${pk}`} kind={kind} pk={pk} tab={tab} />}</KindPage>;
}

function pageComponent(page: PageEntry): ComponentType {
  const Content = lazy(page.load);
  return function Page() {
    const { t } = useTranslation();
    const user = useUser();
    useDocumentTitle(`${t(page.title)} · Ironwood`);
    const lacks = lacksFor(user, page);
    if (lacks) return <NoRight {...lacks} />;
    return <Content />;
  };
}

const root = createRootRoute({
  component: Root,
  notFoundComponent: NotFound,
  errorComponent: Failed,
  beforeLoad: ({ location }) => {
    const to = pageFor(location.pathname, (model, pk) => {
      const kind = kindOf(model);
      return kind?.load && linkTo(kind, pk);
    });
    if (to) throw redirect({ to: to as never, replace: true });
  },
});
const route = (path: string, component: ComponentType) =>
  createRoute({ getParentRoute: () => root, path, component: component as never, errorComponent: Failed });

const tree = root.addChildren([
  ...pages.map((page) => route(page.path === '' ? '/' : `/${page.path}`, pageComponent(page))),
  route('/$kind', ListRoute),
  route('/$kind/$pk', DetailRoute),
  route('/$kind/$pk/$tab', DetailRoute),
]);

export const router = createRouter({
  routeTree: tree,
  basepath: base,
  defaultPreload: false,
  scrollRestoration: false,
  // plain texts, so that addresses stay short and readable
  parseSearch: (text) => Object.fromEntries(new URLSearchParams(text)),
  stringifySearch: (search) => {
    const pairs = Object.entries(search).filter(([, value]) => value !== undefined && value !== null && value !== '');
    const text = new URLSearchParams(pairs.map(([name, value]) => [name, String(value)])).toString();
    return text ? `?${text}` : '';
  },
});
