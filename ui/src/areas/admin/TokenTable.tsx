/** API tokens: of the signed-in user, of one user, or of all. */
import { Badge, Button, Code, Group, SegmentedControl, Text } from '@mantine/core';
import { IconBan, IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import { remove } from '@/api/client';
import { translate, useTranslation } from '@/app/i18n';
import { fullName, useUser } from '@/app/session';
import { RecordLink } from '@/shared/RecordLink';
import { RelatedInput } from '@/shared/RelatedInput';
import { confirm } from '@/shared/confirm';
import { date, daysUntil } from '@/shared/format';
import { succeeded } from '@/shared/notify';
import { useRefresh } from '@/shared/refresh';
import { openNewToken } from './newToken';
import { Rows, type RowsColumn } from '@/shared/table/Rows';

export const TOKENS = '/api/user/tokens/';

export interface Token {
  id: number;
  name: string;
  token: string;
  created: string;
  last_seen: string | null;
  expiry: string | null;
  active: boolean;
  revoked: boolean;
  in_use: boolean;
  user: number;
  user_detail: { username: string; first_name: string; last_name: string } | null;
}

/** Days before the end at which a token is marked. */
const SOON = 30;

function State({ token }: { token: Token }) {
  const { t } = useTranslation();
  const left = daysUntil(token.expiry);
  const [color, label] = token.revoked
    ? ['gray', 'Revoked']
    : !token.active
      ? ['orange', 'Expired']
      : left !== null && left <= SOON
        ? ['yellow', 'Expires soon']
        : ['green', 'Valid'];
  return (
    <Badge color={color} variant="light" size="sm" radius="sm" tt="none">
      {t(label)}
    </Badge>
  );
}

const columnsOf = (withUser: boolean): RowsColumn<Token>[] => [
  ...(withUser
    ? [
        {
          label: 'User',
          sort: 'user',
          width: 130,
          render: (row: Token) => (
            <RecordLink model="user" pk={row.user}>
              {row.user_detail ? fullName(row.user_detail) : `#${row.user}`}
            </RecordLink>
          ),
        },
      ]
    : []),
  {
    label: 'Name',
    sort: 'name',
    width: 190,
    render: (row) => (
      <Text size="sm" span {...(!row.active && { c: 'dimmed' })}>
        {row.name || translate('Without a name')}
        {row.in_use && ` (${translate('this request')})`}
      </Text>
    ),
  },
  { label: 'Token', render: (row) => <Code style={{ whiteSpace: 'nowrap' }}>{row.token.replace(/\*+/, '…')}</Code> },
  { label: 'State', render: (row) => <State token={row} />, width: 120 },
  { label: 'Created', sort: 'created', render: (row) => date(row.created), width: 120 },
  { label: 'Last used', sort: 'last_seen', render: (row) => (row.last_seen ? date(row.last_seen) : <Text span size="sm" c="dimmed">{translate('Never')}</Text>), width: 120 },
  { label: 'Valid until', sort: 'expiry', render: (row) => date(row.expiry), width: 120 },
];

interface Props {
  /** Tokens of this user alone. */
  user?: number;
  /** An administrator's view of everybody's. */
  isForAll?: boolean;
}

export function TokenTable({ user, isForAll = false }: Props) {
  const { t } = useTranslation();
  const refresh = useRefresh();
  const me = useUser();
  const [state, setState] = useState('valid');
  const [chosen, setChosen] = useState<number | null>(null);
  const of = user ?? chosen ?? undefined;
  const invalidate = (token: Token) =>
    confirm({
      title: translate('Revoke this token'),
      text: translate('Programs that use "{{name}}" lose access immediately. This cannot be undone.', { name: token.name || token.token }),
      submit: translate('Revoke'),
      run: async () => {
        await remove(`${TOKENS}${token.id}/`);
        await refresh();
        succeeded(translate('Token revoked'));
      },
    });
  return (
    <Rows<Token>
      label="API tokens"
      api={TOKENS}
      query={{
        revoked: state === 'valid' ? false : state === 'invalidated' ? true : undefined,
        user: of,
        all_users: isForAll || user !== undefined ? undefined : false,
      }}
      columns={columnsOf(isForAll)}
      keyOf={(row) => row.id}
      sort="-created"
      hasSearch
      filters={
        <Group gap={8}>
          <SegmentedControl
            size="xs"
            aria-label={t('State')}
            value={state}
            onChange={setState}
            data={[
              { value: 'valid', label: t('Active') },
              { value: 'invalidated', label: t('Revoked') },
              { value: 'all', label: t('All') },
            ]}
          />
          {isForAll && me.is_superuser && (
            <RelatedInput
              model="user"
              size="xs"
              aria-label={t('API tokens of this user')}
              placeholder={t('All users')}
              value={chosen}
              onChange={(value) => setChosen(value === null ? null : Number(value))}
            />
          )}
        </Group>
      }
      buttons={
        <Button
          size="xs"
          leftSection={<IconPlus size={16} />}
          onClick={() => openNewToken({ user: of ?? me.pk, canChoose: isForAll && me.is_superuser && user === undefined, onDone: refresh })}
        >
          {t('New token')}
        </Button>
      }
      menu={(row) =>
        row.revoked ? null : (
          <Button size="compact-xs" variant="light" color="red" leftSection={<IconBan size={14} />} onClick={() => invalidate(row)}>
            {t('Revoke')}
          </Button>
        )
      }
      empty={state === 'invalidated' ? 'No tokens were revoked.' : 'No tokens yet. A token lets a program act on behalf of a user, without a password.'}
    />
  );
}
