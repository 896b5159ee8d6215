/** The pages of the administration that are not about a kind of record. */
import { Group, Skeleton, Title } from '@mantine/core';
import { useLocation } from '@tanstack/react-router';
import { type ComponentType, lazy, Suspense } from 'react';
import { useTranslation } from '@/app/i18n';
import { pages } from '@/app/registry';
import { Frame } from './Frame';

const CONTENTS: Record<string, ComponentType> = {
  admin: lazy(() => import('./Overview')),
  'admin/tokens': lazy(() => import('./Tokens')),
  'admin/settings': lazy(() => import('./Settings')),
  'admin/currencies': lazy(() => import('./Currencies')),
  'admin/tasks': lazy(() => import('./Tasks')),
  'admin/errors': lazy(() => import('./Errors')),
  'admin/extensions': lazy(() => import('./Extensions')),
  'admin/configuration': lazy(() => import('./Configuration')),
};

export default function Admin() {
  const { t } = useTranslation();
  const { pathname } = useLocation();
  const path = pathname.replace(/^\/|\/$/g, '');
  const page = pages.find((page) => page.path === path);
  const Content = CONTENTS[path];
  return (
    <>
      <Group mb={10}>
        <Title order={1} size="h3">
          {t(page?.title ?? 'Administration')}
        </Title>
      </Group>
      <Frame>
        <Suspense fallback={<Skeleton height={280} />}>{Content && <Content />}</Suspense>
      </Frame>
    </>
  );
}
