/** Frame of the administration's pages: their own navigation beside the contents. */
import { Box, Group, NavLink, ScrollArea, Select, Text } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { Link, useLocation, useNavigate } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { listOf } from '@/api/options';
import { useTranslation } from '@/app/i18n';
import { kinds, pages } from '@/app/registry';
import { type User, useMay, useUser } from '@/app/session';
import type { IconType } from '@/shared/description';
import classes from './Frame.module.css';

/** Whether this server has a list of that address: some come with other versions. */
export const hasList = (api: string) => listOf(api).options.length > 0 || Object.keys(listOf(api).filters).length > 0 || listOf(api).search;

export const isAdministrator = (user: User) => user.is_staff || user.is_superuser;

const GROUPS: { label: string; paths: string[] }[] = [
  { label: 'Server', paths: ['admin', 'admin/settings', 'admin/tasks', 'admin/log', 'admin/errors', 'admin/configuration', 'admin/extensions'] },
  { label: 'Printing', paths: ['admin/machines', 'label-templates', 'report-templates', 'report-snippets', 'report-assets'] },
  { label: 'People', paths: ['users', 'groups', 'admin/tokens', 'admin/sessions'] },
  { label: 'Lists', paths: ['project-codes', 'custom-states', 'units', 'selection-lists', 'tags', 'scans', 'admin/currencies'] },
  { label: 'Templates', paths: ['parameter-templates', 'test-templates'] },
];

/** Pages that are there only where the server has one of these lists. */
const NEEDS: Record<string, string[]> = {
  'admin/errors': ['/api/error-report/'],
  'admin/extensions': ['/api/plugins/'],
  'admin/machines': ['/api/machine/'],
};

const FOR_SUPERUSERS = new Set(['admin/configuration']);

interface Section {
  path: string;
  label: string;
  icon: IconType;
}

function useSections(): { label: string; sections: Section[] }[] {
  const may = useMay();
  const user = useUser();
  const sectionOf = (path: string): Section[] => {
    const needs = NEEDS[path];
    if (needs && !needs.some(hasList)) return [];
    if (FOR_SUPERUSERS.has(path) && !user.is_superuser) return [];
    const kind = kinds.find((kind) => kind.path === path);
    if (kind) return kind.load && may(kind, 'view') ? [{ path, label: kind.plural, icon: kind.icon }] : [];
    const page = pages.find((page) => page.path === path);
    if (!page || (page.isStaff && !isAdministrator(user))) return [];
    return [{ path, label: path === 'admin' ? 'Overview' : page.title, icon: page.icon }];
  };
  return GROUPS.map(({ label, paths }) => ({ label, sections: paths.flatMap(sectionOf) })).filter(({ sections }) => sections.length > 0);
}

export function Frame({ children }: { children: ReactNode }) {
  const { t } = useTranslation();
  const groups = useSections();
  const { pathname } = useLocation();
  const navigate = useNavigate();
  const isNarrow = useMediaQuery('(max-width: 62em)', false, { getInitialValueInEffect: false });
  const current = pathname.replace(/^\/|\/$/g, '');
  if (isNarrow) {
    return (
      <Box className={classes.narrow}>
        <Select
          size="sm"
          aria-label={t('Administration section')}
          data={groups.map(({ label, sections }) => ({
            group: t(label),
            items: sections.map(({ path, label }) => ({ value: path, label: t(label) })),
          }))}
          value={current}
          onChange={(path) => path && void navigate({ to: `/${path}` as never })}
          allowDeselect={false}
        />
        {children}
      </Box>
    );
  }
  return (
    <Group gap="md" align="stretch" wrap="nowrap" style={{ flex: 1, minHeight: 0 }}>
      <ScrollArea type="hover" scrollbarSize={6} className={classes.side} component="nav" aria-label={t('Administration')}>
        {groups.map(({ label, sections }) => (
          <div key={label}>
            <Text size="xs" fw={600} c="dimmed" mt={6} mb={2} px={8}>
              {t(label)}
            </Text>
            {sections.map(({ path, label, icon: Icon }) => (
              <NavLink
                key={path}
                component={Link}
                to={`/${path}` as never}
                activeOptions={{ exact: true }}
                label={t(label)}
                leftSection={<Icon size={16} stroke={1.6} />}
                active={current === path}
                aria-current={current === path ? 'page' : undefined}
                py={4}
                px={8}
                className={classes.link}
              />
            ))}
          </div>
        ))}
      </ScrollArea>
      <div className={classes.content}>{children}</div>
    </Group>
  );
}
