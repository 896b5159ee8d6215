/** Frame of a user's own pages. */
import { Skeleton, Stack, Tabs, Title } from '@mantine/core';
import { useLocation, useNavigate } from '@tanstack/react-router';
import { type ComponentType, Suspense } from 'react';
import { useTranslation } from '@/app/i18n';
import { pages } from '@/app/registry';
import { lazy } from '@/shared/lazy';

const CONTENTS: Record<string, ComponentType> = {
  profile: lazy(() => import('./Profile')),
  'profile/preferences': lazy(() => import('./Preferences')),
  'profile/security': lazy(() => import('./Security')),
  'profile/tokens': lazy(() => import('./OwnTokens')),
};

export default function Account() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { pathname } = useLocation();
  const path = pathname.replace(/^\/|\/$/g, '');
  const Content = CONTENTS[path];
  return (
    <Stack gap="sm" style={{ flex: 1, minHeight: 0, overflowY: 'auto' }}>
      <Title order={1} size="h3">
        {t('My account')}
      </Title>
      <Tabs value={path} onChange={(to) => to && void navigate({ to: `/${to}` as never })}>
        <Tabs.List style={{ flexWrap: 'nowrap', overflowX: 'auto', overflowY: 'hidden' }}>
          {Object.keys(CONTENTS).map((entry) => {
            const page = pages.find((page) => page.path === entry);
            return page ? (
              <Tabs.Tab key={entry} value={entry} leftSection={<page.icon size={16} />}>
                {t(page.title)}
              </Tabs.Tab>
            ) : null;
          })}
        </Tabs.List>
        <Tabs.Panel value={path} pt="sm">
          <Suspense fallback={<Skeleton height={240} />}>{Content && <Content />}</Suspense>
        </Tabs.Panel>
      </Tabs>
    </Stack>
  );
}
