/** Background tasks: what failed, what waits, and what runs by the clock. */
import { Alert, Badge, Button, Code, Stack, Tabs, Text } from '@mantine/core';
import { modals } from '@mantine/modals';
import { IconTrash } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { get, remove } from '@/api/client';
import { translate, useTranslation } from '@/app/i18n';
import { confirm } from '@/shared/confirm';
import { dateTime } from '@/shared/format';
import { succeeded } from '@/shared/notify';
import { useRefresh } from '@/shared/refresh';
import { Rows } from '@/shared/table/Rows';

export interface Summary {
  is_running: boolean;
  pending_tasks: number;
  scheduled_tasks: number;
  failed_tasks: number;
}

export const summaryQuery = {
  queryKey: ['rows', '/api/background-task/'],
  queryFn: () => get<Summary>('/api/background-task/'),
  refetchInterval: 15_000,
};

interface Task {
  pk: string | number;
  name: string;
  func: string;
  args: string | null;
  kwargs: string | null;
  started?: string;
  stopped?: string;
  attempt_count?: number;
  result?: string;
}
interface Scheduled {
  pk: number;
  name: string;
  func: string;
  schedule_type: string;
  minutes: number | null;
  last_run: string | null;
  next_run: string | null;
  success: boolean;
}

const FAILED = '/api/background-task/failed/';
const PENDING = '/api/background-task/pending/';

const EVERY: Record<string, string> = { O: 'Once', H: 'Every hour', D: 'Every day', W: 'Every week', M: 'Every month', Q: 'Every quarter', Y: 'Every year' };
const every = (row: Scheduled) =>
  row.schedule_type === 'I' ? translate('Every {{count}} minutes', { count: row.minutes ?? 0 }) : translate(EVERY[row.schedule_type] ?? row.schedule_type);

function openTask(task: Task): void {
  modals.open({
    title: task.name || task.func,
    size: 'xl',
    children: (
      <Stack gap="xs">
        <Text size="sm" c="dimmed">
          {task.func} {task.args} {task.kwargs}
        </Text>
        <Code block style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>
          {task.result || translate('The result is unknown.')}
        </Code>
      </Stack>
    ),
  });
}

function Clear({ api, label, text }: { api: string; label: string; text: string }) {
  const { t } = useTranslation();
  const refresh = useRefresh();
  return (
    <Button
      size="xs"
      variant="light"
      color="red"
      leftSection={<IconTrash size={15} />}
      onClick={() =>
        confirm({
          title: t(label),
          text: t(text),
          submit: t(label),
          run: async () => {
            const found = await get<Task[] | { results: Task[] }>(api);
            const rows = Array.isArray(found) ? found : found.results;
            if (rows.length > 0) await remove(api, { items: rows.map(({ pk }) => pk) });
            await refresh();
            succeeded(translate('Removed'));
          },
        })
      }
    >
      {t(label)}
    </Button>
  );
}

export default function Tasks() {
  const { t } = useTranslation();
  const { data } = useQuery(summaryQuery);
  const count = (value: number | undefined, color: string) =>
    value ? (
      <Badge size="xs" color={color} variant="light">
        {value}
      </Badge>
    ) : undefined;
  return (
    <Stack gap="sm">
      {data && !data.is_running && (
        <Alert color="red" title={t('No worker running')}>
          {t('Tasks wait until a worker starts. Start a server without `--no-worker`.')}
        </Alert>
      )}
      <Tabs defaultValue="failed" keepMounted={false}>
        <Tabs.List mb="sm">
          <Tabs.Tab value="failed" rightSection={count(data?.failed_tasks, 'red')}>
            {t('Failed')}
          </Tabs.Tab>
          <Tabs.Tab value="pending" rightSection={count(data?.pending_tasks, 'blue')}>
            {t('Waiting')}
          </Tabs.Tab>
          <Tabs.Tab value="scheduled">{t('Scheduled')}</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="failed">
          <Rows<Task>
            label="Failed tasks"
            api={FAILED}
            keyOf={(row) => row.pk}
            sort="-stopped"
            hasSearch
            onOpen={openTask}
            buttons={data?.failed_tasks ? <Clear api={FAILED} label="Remove all" text="Remove all failed tasks from this list? They will not be retried." /> : null}
            columns={[
              { label: 'Task', sort: 'func', render: (row) => row.name || row.func },
              { label: 'Started', sort: 'started', render: (row) => dateTime(row.started), width: 160 },
              { label: 'Failed', sort: 'stopped', render: (row) => dateTime(row.stopped), width: 160 },
              { label: 'Attempts', render: (row) => row.attempt_count ?? '–', width: 90 },
              { label: 'Error', render: (row) => <Text size="sm" lineClamp={2}>{row.result?.trim().split('\n').pop() ?? ''}</Text> },
            ]}
            empty="No failed tasks."
          />
        </Tabs.Panel>
        <Tabs.Panel value="pending">
          <Rows<Task>
            label="Waiting tasks"
            api={PENDING}
            keyOf={(row) => row.pk}
            buttons={data?.pending_tasks ? <Clear api={PENDING} label="Remove all" text="Remove all waiting tasks? They will not be run." /> : null}
            columns={[
              { label: 'Task', render: (row) => row.name || row.func },
              { label: 'Arguments', render: (row) => <Text size="xs" lineClamp={2}>{[row.args, row.kwargs].filter(Boolean).join(' ')}</Text> },
            ]}
            empty="No waiting tasks."
          />
        </Tabs.Panel>
        <Tabs.Panel value="scheduled">
          <Rows<Scheduled>
            label="Scheduled tasks"
            api="/api/background-task/scheduled/"
            keyOf={(row) => row.pk}
            sort="next_run"
            hasSearch
            columns={[
              { label: 'Task', sort: 'func', render: (row) => t(row.name || row.func) },
              { label: 'Running', render: every, width: 150 },
              { label: 'Last run', sort: 'last_run', render: (row) => (row.last_run ? dateTime(row.last_run) : t('Not yet')), width: 170 },
              {
                label: 'Result',
                width: 100,
                render: (row) =>
                  row.last_run ? (
                    <Badge size="sm" radius="sm" tt="none" variant="light" color={row.success ? 'green' : 'red'}>
                      {row.success ? t('Done') : t('Failed')}
                    </Badge>
                  ) : (
                    '–'
                  ),
              },
              { label: 'Next run', sort: 'next_run', render: (row) => dateTime(row.next_run), width: 170 },
            ]}
            empty="No scheduled tasks."
          />
        </Tabs.Panel>
      </Tabs>
    </Stack>
  );
}
