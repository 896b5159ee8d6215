/** Errors that the server has kept. */
import { Alert, Button, Code, Stack, Text } from '@mantine/core';
import { modals } from '@mantine/modals';
import { IconTrash } from '@tabler/icons-react';
import { get, remove } from '@/api/client';
import { translate, useTranslation } from '@/app/i18n';
import { confirm } from '@/shared/confirm';
import { dateTime } from '@/shared/format';
import { succeeded } from '@/shared/notify';
import { useRefresh } from '@/shared/refresh';
import { hasList } from './Frame';
import { Rows } from '@/shared/table/Rows';

const API = '/api/error-report/';

interface Report {
  pk: number;
  when: string;
  info: string;
  data: string;
  path: string;
}

function open(report: Report): void {
  modals.open({
    title: report.info,
    size: 'xl',
    children: (
      <Stack gap="xs">
        <Text size="sm" c="dimmed">
          {dateTime(report.when)} · {report.path}
        </Text>
        <Code block style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>
          {report.data}
        </Code>
      </Stack>
    ),
  });
}

export default function Errors() {
  const { t } = useTranslation();
  const refresh = useRefresh();
  if (!hasList(API)) return <Alert color="gray">{t('This server does not list errors. See its log.')}</Alert>;
  const clear = () =>
    confirm({
      title: t('Remove all'),
      text: t('Remove all errors from this list?'),
      submit: t('Remove all'),
      run: async () => {
        const found = await get<Report[] | { results: Report[] }>(API);
        const rows = Array.isArray(found) ? found : found.results;
        if (rows.length > 0) await remove(API, { items: rows.map(({ pk }) => pk) });
        await refresh();
        succeeded(translate('Removed'));
      },
    });
  return (
    <Rows<Report>
      label="Errors"
      api={API}
      keyOf={(row) => row.pk}
      sort="-when"
      hasSearch
      onOpen={open}
      buttons={
        <Button size="xs" variant="light" color="red" leftSection={<IconTrash size={15} />} onClick={clear}>
          {t('Remove all')}
        </Button>
      }
      columns={[
        { label: 'Time', sort: 'when', render: (row) => dateTime(row.when), width: 160 },
        { label: 'Error', sort: 'info', render: (row) => row.info },
        { label: 'Address', render: (row) => row.path },
      ]}
      empty="No errors."
    />
  );
}
