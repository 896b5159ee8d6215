/** All notifications of the signed-in user. */
import { ActionIcon, Anchor, Button, Group, SegmentedControl, Stack, Text, Title } from '@mantine/core';
import { IconChecks, IconMail, IconMailOpened, IconTrash } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { get, patch, post, remove } from '@/api/client';
import { translate, useTranslation } from '@/app/i18n';
import { confirm } from '@/shared/confirm';
import { dateTime } from '@/shared/format';
import { failed, succeeded } from '@/shared/notify';
import { useRefresh } from '@/shared/refresh';
import { Rows } from '@/shared/table/Rows';
import { type Notice, NOTICES, placeOf } from './notices';

export default function Notifications() {
  const { t } = useTranslation();
  const refresh = useRefresh();
  const [state, setState] = useState('unread');
  const mark = (notice: Notice, read: boolean) => patch(`${NOTICES}${notice.pk}/`, { read }).then(refresh, failed);
  const clear = () =>
    confirm({
      title: t('Delete read notifications'),
      text: t('Delete all read notifications?'),
      submit: t('Delete'),
      run: async () => {
        const found = await get<Notice[] | { results: Notice[] }>(NOTICES, { read: true });
        const rows = Array.isArray(found) ? found : found.results;
        if (rows.length > 0) await remove(NOTICES, { items: rows.map(({ pk }) => pk) });
        await refresh();
        succeeded(translate('Deleted'));
      },
    });
  return (
    <Stack gap="sm" style={{ flex: 1, minHeight: 0, overflowY: 'auto' }}>
      <Title order={1} size="h3">
        {t('Notifications')}
      </Title>
      <Rows<Notice>
        key={state}
        label="Notifications"
        api={NOTICES}
        query={{ read: state === 'all' ? undefined : state === 'read' }}
        keyOf={(row) => row.pk}
        sort="-creation"
        hasSearch
        filters={
          <SegmentedControl
            size="xs"
            aria-label={t('State')}
            value={state}
            onChange={setState}
            data={[
              { value: 'unread', label: t('New') },
              { value: 'read', label: t('Read') },
              { value: 'all', label: t('All') },
            ]}
          />
        }
        buttons={
          <>
            <Button size="xs" variant="default" leftSection={<IconChecks size={16} />} onClick={() => void post(`${NOTICES}readall/`).then(refresh, failed)}>
              {t('Mark all as read')}
            </Button>
            <Button size="xs" variant="light" color="red" leftSection={<IconTrash size={15} />} onClick={clear}>
              {t('Delete read notifications')}
            </Button>
          </>
        }
        columns={[
          {
            label: 'Notification',
            sort: 'name',
            render: (row) => {
              const to = placeOf(row);
              const title = (
                <Text size="sm" fw={row.read ? 400 : 600} span>
                  {t(row.name)}
                </Text>
              );
              return (
                <>
                  {to ? (
                    <Anchor component={Link} to={to as never} onClick={() => void mark(row, true)}>
                      {title}
                    </Anchor>
                  ) : (
                    title
                  )}
                  <Text size="xs" c="dimmed">
                    {row.message}
                  </Text>
                </>
              );
            },
          },
          { label: 'Time', sort: 'creation', render: (row) => dateTime(row.creation), width: 170 },
        ]}
        menu={(row) => (
          <Group gap={4} wrap="nowrap" justify="flex-end">
            <ActionIcon
              variant="subtle"
              color="gray"
              size="sm"
              aria-label={row.read ? t('Mark as unread') : t('Mark as read')}
              onClick={() => void mark(row, !row.read)}
            >
              {row.read ? <IconMail size={16} /> : <IconMailOpened size={16} />}
            </ActionIcon>
          </Group>
        )}
        empty="No notifications. You are notified about orders and parts that you follow or are responsible for."
      />
    </Stack>
  );
}
