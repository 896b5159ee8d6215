/** Everybody's sessions: who is signed in, from where, and since when. */
import { Alert, Button, Text } from '@mantine/core';
import { IconInfoCircle, IconLogout } from '@tabler/icons-react';
import { remove } from '@/api/client';
import { translate, useTranslation } from '@/app/i18n';
import { fullName, useUser } from '@/app/session';
import { browserOf } from '@/areas/account/browser';
import { confirm } from '@/shared/confirm';
import { date, dateTime } from '@/shared/format';
import { succeeded } from '@/shared/notify';
import { RecordLink } from '@/shared/RecordLink';
import { useRefresh } from '@/shared/refresh';
import { RelatedInput } from '@/shared/RelatedInput';
import { Rows, type RowsColumn } from '@/shared/table/Rows';
import { useState } from 'react';

export const SESSIONS = '/api/user/session/';

interface Session {
  pk: number;
  user: number;
  user_detail: { username: string; first_name: string; last_name: string } | null;
  created: string;
  last_seen: string | null;
  address: string;
  user_agent: string;
}

const nameOf = (row: Session) => (row.user_detail ? fullName(row.user_detail) : `#${row.user}`);

const Moment = ({ children }: { children: string }) => <span style={{ whiteSpace: 'nowrap' }}>{children}</span>;

const COLUMNS: RowsColumn<Session>[] = [
  { label: 'User', sort: 'user', width: 150, render: (row) => <RecordLink model="user" pk={row.user}>{nameOf(row)}</RecordLink> },
  { label: 'Program', width: 170, render: (row) => browserOf(row.user_agent) },
  { label: 'Address', sort: 'address', width: 150, render: (row) => row.address || '–' },
  { label: 'Signed in', sort: 'created', width: 190, render: (row) => <Moment>{dateTime(row.created)}</Moment> },
  { label: 'Last used', sort: 'last_seen', width: 130, render: (row) => <Moment>{date(row.last_seen ?? row.created)}</Moment> },
];

export default function Sessions() {
  const { t } = useTranslation();
  const me = useUser();
  const refresh = useRefresh();
  const [user, setUser] = useState<number | null>(null);
  const end = (session: Session) =>
    confirm({
      title: translate('End session'),
      text: translate('{{name}} has to sign in again there. This cannot be undone.', { name: nameOf(session) }),
      submit: translate('End session'),
      run: async () => {
        await remove(`${SESSIONS}${session.pk}/`);
        await refresh();
        succeeded(translate('The session has ended'));
      },
    });
  return (
    <>
      {me.is_superuser ? (
        <Text size="sm" c="dimmed" maw={720}>
          {t('Browsers in which users are signed in. End a session to sign the user out there.')}
        </Text>
      ) : (
        <Alert color="yellow" icon={<IconInfoCircle size={18} />} maw={720}>
          {t('You can only view your own sessions. Superusers can view and end the sessions of all users.')}
        </Alert>
      )}
      <Rows<Session>
        label="Sessions"
        api={SESSIONS}
        query={{ user: user ?? undefined }}
        columns={COLUMNS}
        keyOf={(row) => row.pk}
        sort="-created"
        hasSearch
        filters={me.is_superuser && <RelatedInput model="user" size="xs" aria-label={t('Sessions of this user')} placeholder={t('All users')} value={user} onChange={(value) => setUser(value === null ? null : Number(value))} />}
        menu={(row) => (
          <Button size="compact-xs" variant="light" color="red" leftSection={<IconLogout size={14} />} onClick={() => end(row)}>
            {t('End')}
          </Button>
        )}
        empty="No sessions."
      />
    </>
  );
}
