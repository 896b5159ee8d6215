/** The pages of the administration that are not about a kind of record. */
import { Group, Skeleton, Title } from '@mantine/core';
import { useLocation } from '@tanstack/react-router';
import { type ComponentType, Suspense } from 'react';
import { useTranslation } from '@/app/i18n';
import { pages } from '@/app/registry';
import { Help } from '@/shared/Help';
import { lazy } from '@/shared/lazy';
import { Frame } from './Frame';

const CONTENTS: Record<string, ComponentType> = {
  admin: lazy(() => import('./Overview')),
  'admin/tokens': lazy(() => import('./Tokens')),
  'admin/sessions': lazy(() => import('./Sessions')),
  'admin/settings': lazy(() => import('./Settings')),
  'admin/currencies': lazy(() => import('./Currencies')),
  'admin/tasks': lazy(() => import('./Tasks')),
  'admin/log': lazy(() => import('./Log')),
  'admin/errors': lazy(() => import('./Errors')),
  'admin/machines': lazy(() => import('./Machines')),
  'admin/extensions': lazy(() => import('./Extensions')),
  'admin/configuration': lazy(() => import('./Configuration')),
};

const HELP: Record<string, string> = {
  'admin/machines': 'A machine is a label printer. Its driver has settings for the connection and the label format. Users select the machine in the print dialog.',
  'admin/tasks': 'Work that the server does in the background, such as notifications, prices, date checks, and backups. Failed tasks are listed here with their error.',
  'admin/log': 'Every change to every record, with who made it and how they signed in. The page of a record has its own changes in the tab "Change log".',
  'admin/currencies': 'Prices are stored in the currency in which they are paid and compared in the base currency. Exchange rates are updated once a day.',
};

export default function Admin() {
  const { t } = useTranslation();
  const { pathname } = useLocation();
  const path = pathname.replace(/^\/|\/$/g, '');
  const page = pages.find((page) => page.path === path);
  const Content = CONTENTS[path];
  return (
    <>
      <Group mb={10} gap={8}>
        <Title order={1} size="h3">
          {t(page?.title ?? 'Administration')}
        </Title>
        {HELP[path] && <Help text={HELP[path]} />}
      </Group>
      <Frame>
        <Suspense fallback={<Skeleton height={280} />}>{Content && <Content />}</Suspense>
      </Frame>
    </>
  );
}
