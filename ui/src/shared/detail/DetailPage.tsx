/** The page of one record: head with actions, and tabs. */
import { Anchor, Badge, Box, Breadcrumbs, Center, Group, Skeleton, Stack, Tabs, Text, Title } from '@mantine/core';
import { useDocumentTitle } from '@mantine/hooks';
import { IconFileText, IconHistory, IconListDetails, IconNotes, IconPaperclip, IconTag } from '@tabler/icons-react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { Suspense, useCallback } from 'react';
import type { Row } from '@/api/client';
import { useTranslation } from '@/app/i18n';
import { linkTo } from '@/app/registry';
import { useMay } from '@/app/session';
import { lazy } from '@/shared/lazy';
import { ActionBar } from '../ActionButtons';
import { actionsFor } from '../actions';
import type { Kind, Resource, Tab, TabProps } from '../description';
import { useRefresh } from '../refresh';
import { useResource } from '../resource';
import { StateBadge, Thumbnail } from '../values';
import { tableOf } from './changes';
import { Panels } from './Panels';
import { rowQuery } from './row';
import { TabList } from './TabList';

const Attachments = lazy(() => import('./Attachments'));
const Notes = lazy(() => import('./Notes'));
const RecordLog = lazy(() => import('./ChangeLog'));
const Parameters = lazy(() => import('./Parameters'));

interface Props {
  kind: Kind;
  pk: string;
  tab: string | undefined;
}

function tabsOf(resource: Resource): Tab[] {
  const { carries = [], kind } = resource;
  const own = resource.tabs ?? [];
  const tabs: Tab[] = own.some((tab) => tab.name === 'details')
    ? [...own]
    : [
        {
          name: 'details',
          label: 'Details',
          icon: IconListDetails,
          content: ({ row }: TabProps) => <Panels resource={resource} row={row} />,
        },
        ...own,
      ];
  const model = kind.model;
  if (carries.includes('parameters')) {
    tabs.push({ name: 'parameters', label: 'Parameters', icon: IconFileText, content: ({ row }) => <Parameters model={model} pk={row.pk} /> });
  }
  if (carries.includes('attachments')) {
    tabs.push({ name: 'attachments', label: 'Attachments', icon: IconPaperclip, content: ({ row }) => <Attachments model={model} pk={row.pk} /> });
  }
  if (carries.includes('notes')) {
    tabs.push({ name: 'notes', label: 'Notes', icon: IconNotes, content: ({ row, refresh }) => <Notes resource={resource} row={row} refresh={refresh} /> });
  }
  if (tableOf(kind)) {
    tabs.push({ name: 'changes', label: 'Change log', icon: IconHistory, content: ({ row }) => <RecordLog kind={kind} pk={row.pk} /> });
  }
  return tabs;
}

export function DetailPage({ kind, pk, tab }: Props) {
  const { t } = useTranslation();
  const resource = useResource(kind.model);
  const { data: row, error } = useQuery({ ...rowQuery(resource, pk), placeholderData: keepPreviousData });
  if (error) {
    return (
      <Center style={{ flex: 1 }}>
        <Stack align="center" gap={4}>
          <Title order={3}>{t('Not found')}</Title>
          <Text c="dimmed">{error.message}</Text>
          <Anchor component={Link} to={`/${kind.path}` as never}>
            {t('All: {{name}}', { name: t(kind.plural) })}
          </Anchor>
        </Stack>
      </Center>
    );
  }
  if (!row || String(row.pk) !== pk) {
    return (
      <Stack gap="md">
        <Skeleton height={44} width={360} />
        <Skeleton height={280} />
      </Stack>
    );
  }
  return <Loaded resource={resource} row={row} tab={tab} />;
}

/** Each leads to the list of what has it. */
function Tags({ kind, tags }: { kind: Kind; tags: unknown }) {
  if (!Array.isArray(tags) || tags.length === 0) return null;
  return (
    <Group gap={4} mt={4}>
      {tags.map((tag) => (
        <Badge key={String(tag)} component={Link} to={`/${kind.path}` as never} search={{ 'f.tags': String(tag) } as never} size="sm" variant="default" tt="none" radius="sm" fw={500} leftSection={<IconTag size={11} />} style={{ cursor: 'pointer' }}>
          {String(tag)}
        </Badge>
      ))}
    </Group>
  );
}

function Loaded({ resource, row, tab }: { resource: Resource; row: Row; tab: string | undefined }) {
  const { t } = useTranslation();
  const { kind } = resource;
  const navigate = useNavigate();
  const may = useMay();
  const reread = useRefresh();
  const refresh = useCallback(() => reread(), [reread]);
  useDocumentTitle(`${kind.title(row)} · Ironwood`);
  const tabs = tabsOf(resource).filter((tab) => !tab.when || tab.when(row));
  const current = tabs.find((entry) => entry.name === tab) ?? tabs[0];
  const Content = current?.content;
  const trail = resource.trail?.(row) ?? [];
  const subtitle = resource.subtitle ? resource.subtitle(row) : kind.subtitle?.(row);
  return (
    <Stack gap={12} style={{ flex: 1, minHeight: 0 }}>
      <Stack gap={6}>
        <Breadcrumbs separatorMargin={6} fz="sm" style={{ flexWrap: 'wrap' }}>
          {[{ label: t(kind.plural), to: `/${kind.path}` }, ...trail].map(({ label, to }) => (
            <Anchor key={to} component={Link} to={to as never} size="sm" c="dimmed">
              {label}
            </Anchor>
          ))}
        </Breadcrumbs>
        <Group justify="space-between" align="flex-start" gap="sm">
          <Group gap="sm" wrap="nowrap" miw={0} style={{ flex: '1 1 320px' }}>
            {kind.image && <Thumbnail src={kind.image(row)} size={52} />}
            <Box miw={0}>
              <Group gap={8}>
                <Title order={2} size="h3" style={{ overflowWrap: 'anywhere' }}>
                  {kind.title(row)}
                </Title>
                {row.status !== undefined && kind.states && (
                  <StateBadge states={kind.states} value={row.status_custom_key ?? row.status} text={row.status_text} />
                )}
                {resource.badges?.(row).map((badge) => (
                  <Badge key={badge.label} color={badge.color} variant="light" radius="sm" size="sm" tt="none">
                    {t(badge.label)}
                  </Badge>
                ))}
              </Group>
              {subtitle && (
                <Text size="sm" c="dimmed" component="div">
                  {subtitle}
                </Text>
              )}
              <Tags kind={kind} tags={row.tags} />
            </Box>
          </Group>
          <ActionBar actions={actionsFor(resource, 'row', [row], may)} rows={[row]} />
        </Group>
      </Stack>
      <Tabs
        value={current?.name ?? null}
        onChange={(name) => name && void navigate({ to: linkTo(kind, row.pk, name) as never })}
        keepMounted={false}
        style={{ flex: 1, minHeight: 0, display: 'flex', flexDirection: 'column' }}
      >
        <TabList tabs={tabs} row={row} current={current?.name} />
        {current && Content && (
          <Tabs.Panel value={current.name} pt="sm" style={{ flex: 1, minHeight: 0, display: 'flex', flexDirection: 'column' }}>
            <Suspense fallback={<Skeleton height={240} />}>
              <Content row={row} refresh={refresh} />
            </Suspense>
          </Tabs.Panel>
        )}
      </Tabs>
    </Stack>
  );
}
