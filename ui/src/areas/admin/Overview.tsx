/** How the server is: versions, health, tasks, backups. */
import { Alert, Anchor, Badge, Card, SimpleGrid, Skeleton, Stack, Table, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { at, get, page } from '@/api/client';
import { useTranslation } from '@/app/i18n';
import { useUser } from '@/app/session';
import { dateTime, quantity } from '@/shared/format';
import { summaryQuery } from './Tasks';

interface Info {
  version: string;
  instance: string;
  apiVersion: number;
  worker_running: boolean;
  worker_count: number;
  worker_pending_tasks: number;
  email_configured: boolean;
  debug_mode: boolean;
  database: string | null;
  platform: string | null;
  installer: string | null;
  implementation: string;
  implementation_version: string;
  system_health: boolean;
}
interface Scheduled {
  name: string;
  func: string;
  last_run: string | null;
  next_run: string | null;
  success: boolean;
}

function Facts({ title, rows }: { title: string; rows: [string, ReactNode][] }) {
  const { t } = useTranslation();
  return (
    <Card withBorder padding="sm">
      <Text fw={600} size="sm" mb={4} component="h2">
        {t(title)}
      </Text>
      <Table verticalSpacing={5} horizontalSpacing={0} fz="sm">
        <Table.Tbody>
          {rows.map(([label, value]) => (
            <Table.Tr key={label}>
              <Table.Th fw={400} c="dimmed" w="45%">
                {t(label)}
              </Table.Th>
              <Table.Td>{value}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Card>
  );
}

function Light({ isGood, good, bad }: { isGood: boolean; good: string; bad: string }) {
  const { t } = useTranslation();
  return (
    <Badge size="sm" radius="sm" tt="none" variant="light" color={isGood ? 'green' : 'red'}>
      {t(isGood ? good : bad)}
    </Badge>
  );
}

/** What is done regularly so that nothing is lost or piles up. */
const KEEPING = /backup|sweep|clean|trim/;

function Counted({ api, query, to, label }: { api: string; query?: Record<string, boolean>; to: string; label: string }) {
  const { data } = useQuery({ queryKey: ['rows', api, 'count', query], queryFn: () => page(api, { ...query, limit: 1 }) });
  const { t } = useTranslation();
  return (
    <Anchor component={Link} to={to as never} size="sm">
      {data ? t(label, { count: data.count, shown: quantity(data.count) }) : '…'}
    </Anchor>
  );
}

export default function Overview() {
  const { t } = useTranslation();
  const user = useUser();
  const { data: info } = useQuery({ queryKey: ['rows', 'info'], queryFn: () => get<Info>('/api/') });
  const { data: tasks } = useQuery(summaryQuery);
  const { data: scheduled } = useQuery({
    queryKey: ['rows', 'keeping'],
    queryFn: async () => {
      const found = await get<Scheduled[] | { results: Scheduled[] }>('/api/background-task/scheduled/');
      return (Array.isArray(found) ? found : found.results).filter(({ func }) => KEEPING.test(func));
    },
  });
  if (!info) return <Skeleton height={280} />;
  return (
    <Stack gap="sm" maw={1000}>
      {info.debug_mode && <Alert color="orange">{t('The server runs in debug mode.')}</Alert>}
      {tasks && tasks.failed_tasks > 0 && (
        <Alert color="red">
          <Anchor component={Link} to={'/admin/tasks' as never} size="sm">
            {t('{{count}} background tasks failed', { count: tasks.failed_tasks })}
          </Anchor>
        </Alert>
      )}
      <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="sm">
        <Facts
          title="Server"
          rows={[
            ['Name', info.instance],
            ['State', <Light key="s" isGood={info.system_health} good="Healthy" bad="Has errors" />],
            ['Version', `${info.implementation} ${info.implementation_version}`],
            ['API version', <Anchor key="v" href={at('/api-doc/')} size="sm">{`${info.apiVersion} (${info.version})`}</Anchor>],
            ['Database', info.database ?? '–'],
            ['Platform', info.platform ?? '–'],
          ]}
        />
        <Facts
          title="Background work"
          rows={[
            ['Worker', <Light key="w" isGood={info.worker_running} good="Running" bad="Not running" />],
            ['Waiting tasks', tasks?.pending_tasks ?? '–'],
            ['Failed tasks', tasks?.failed_tasks ?? '–'],
            ['Scheduled tasks', tasks?.scheduled_tasks ?? '–'],
            ['E-mail', info.email_configured ? t('Set up') : t('Not set up')],
          ]}
        />
        <Facts
          title="People"
          rows={[
            ['Users', <Counted key="u" api="/api/user/" query={{ is_active: true }} to="/users" label="{{shown}} may sign in" />],
            ['Groups', <Counted key="g" api="/api/user/group/" to="/groups" label="{{shown}} groups" />],
            ['API tokens', user.is_superuser ? <Counted key="t" api="/api/user/tokens/" query={{ revoked: false }} to="/admin/tokens" label="{{shown}} in force" /> : '–'],
          ]}
        />
        <Facts
          title="Backups and cleanup"
          rows={[
            ...(scheduled ?? []).map(({ name, last_run, next_run, success }): [string, ReactNode] => [
              name,
              last_run ? `${dateTime(last_run)}${success ? '' : ` – ${t('failed')}`}` : t('Next: {{time}}', { time: dateTime(next_run) }),
            ]),
            ...((scheduled ?? []).some(({ func }) => func.includes('backup'))
              ? []
              : [['Backup', t('The server does not make backups automatically. Run ironwood backup regularly.')] as [string, ReactNode]]),
          ]}
        />
      </SimpleGrid>
    </Stack>
  );
}
