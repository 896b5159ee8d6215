import { Alert, Anchor, Stack, Text } from '@mantine/core';
import { IconEdit, IconKey, IconLock, IconShieldLock, IconUserCheck, IconUserOff, IconUserPlus } from '@tabler/icons-react';
import { useQueries, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { page, patch, type Row } from '@/api/client';
import { translate, useTranslation } from '@/app/i18n';
import { kind, linkTo } from '@/app/registry';
import { useUser } from '@/app/session';
import { listed } from '@/areas/admin/listed';
import { TokenTable } from '@/areas/admin/TokenTable';
import { formAction, simplePost } from '@/shared/actions';
import { type Context, defineResource, type FormFields, type TabProps } from '@/shared/description';
import { Panels } from '@/shared/detail/Panels';
import { openForm } from '@/shared/form/Form';
import { succeeded } from '@/shared/notify';
import { Matrix } from './Matrix';
import { joined, rulesQuery } from './rights';

interface Group {
  pk: number;
  name: string;
}
const groupsOf = (row: Row) => (row.groups as Group[] | undefined) ?? [];

async function fieldsOf(isNew: boolean): Promise<FormFields> {
  const { results } = await page<Group>('/api/user/group/', { limit: 250, ordering: 'name' });
  const groups = {
    name: 'group_ids',
    label: 'Groups',
    field: { type: 'multiple choice', read_only: false, required: false, choices: results.map(({ pk, name }) => ({ value: pk, display_name: name })) },
  };
  const fields: FormFields = ['username', 'first_name', 'last_name', 'email', groups, 'is_active'];
  return isNew ? fields : [...fields, 'is_staff', 'is_superuser'];
}

/** A password that an administrator sets. What makes it weak is said at the field, and can be overruled. */
function openPassword(row: Row, context: Context): void {
  openForm({
    title: translate('Password of {{name}}', { name: String(row.username) }),
    url: `/api/user/${row.pk}/set-password/`,
    method: 'PUT',
    fields: [
      { name: 'password', label: 'New password', field: { type: 'password', required: true, help_text: '' } },
      { name: 'override_warning', label: 'Use this password even if it is weak' },
    ],
    initial: {},
    intro: (
      <Text size="sm" c="dimmed">
        {translate('This ends all sessions of the user and revokes their API tokens.')}
      </Text>
    ),
    submit: translate('Set password'),
    onDone: async () => {
      await context.refresh();
      succeeded(translate('Password set'));
    },
  });
}

function Rights({ row }: TabProps) {
  const { t } = useTranslation();
  const groups = groupsOf(row);
  const found = useQueries({ queries: groups.map(({ pk }) => rulesQuery(pk)) });
  const rules = joined(found.flatMap(({ data }) => data ?? []));
  if (row.is_superuser) return <Alert color="blue">{t('Superusers have all permissions.')}</Alert>;
  return (
    <Stack gap="sm" style={{ overflow: 'auto' }}>
      <Text size="sm" component="div">
        {groups.length === 0
          ? t('This user is not a member of any group and has no permissions.')
          : t('Combined permissions of all groups of the user. To change them, edit a group:')}{' '}
        {groups.map(({ pk, name }) => (
          <Anchor key={pk} component={Link} to={linkTo(kind('group'), pk) as never} size="sm" mr={8} underline="always">
            {name}
          </Anchor>
        ))}
      </Text>
      {rules.length > 0 && <Matrix rules={rules} />}
    </Stack>
  );
}

function Tokens({ row }: TabProps) {
  const { t } = useTranslation();
  const me = useUser();
  if (!me.is_superuser && me.pk !== row.pk) return <Alert color="yellow">{t('Only superusers can view the tokens of other users.')}</Alert>;
  return <TokenTable user={row.pk} />;
}

function Details({ row }: TabProps) {
  const { t } = useTranslation();
  const me = useUser();
  const { data } = useQuery({
    queryKey: ['rows', '/api/user/tokens/', 'count', row.pk],
    queryFn: () => page('/api/user/tokens/', { user: row.pk, revoked: false, limit: 1 }),
    enabled: me.is_superuser,
  });
  return (
    <Panels resource={user} row={row}>
      {data && data.count > 0 && (
        <Text size="sm" mt="sm">
          <Anchor component={Link} to={linkTo(kind('user'), row.pk, 'tokens') as never} size="sm">
            {t('{{count}} active tokens', { count: data.count })}
          </Anchor>
        </Text>
      )}
    </Panels>
  );
}

const user = defineResource({
  kind: kind('user'),
  list: listed('user'),
  columns: [
    { name: 'username', width: 160 },
    { name: 'first_name', label: 'First name' },
    { name: 'last_name', label: 'Last name' },
    'email',
    { name: 'groups', label: 'Groups', sort: false, width: 240, render: (row) => groupsOf(row).map(({ name }) => name).join(', ') || '–' },
    'is_active',
    { name: 'is_staff', label: 'Administrator' },
    { name: 'is_superuser', label: 'Superuser' },
  ],
  sort: 'username',
  panels: [
    { title: 'User', fields: ['username', 'first_name', 'last_name', 'email', { name: 'groups', label: 'Groups', render: (row) => groupsOf(row).map(({ name }) => name).join(', ') || '–' }] },
    {
      title: 'Access',
      fields: ['is_active', { name: 'is_staff', label: 'Administrator' }, { name: 'is_superuser', label: 'Superuser' }],
    },
  ],
  tabs: [
    { name: 'details', label: 'Details', content: Details },
    { name: 'rights', label: 'Permissions', icon: IconShieldLock, content: Rights },
    { name: 'tokens', label: 'API tokens', icon: IconKey, content: Tokens },
  ],
  badges: (row) => [
    ...(row.is_active ? [] : [{ label: 'Cannot sign in', color: 'gray' }]),
    ...(row.is_superuser ? [{ label: 'Superuser', color: 'orange' }] : row.is_staff ? [{ label: 'Administrator', color: 'blue' }] : []),
  ],
  canCreate: false,
  canEdit: false,
  actions: [
    {
      name: 'make',
      label: 'New user',
      icon: IconUserPlus,
      needs: 'add',
      on: ['list'],
      run: async (_, context) =>
        openForm({
          title: translate('New user'),
          url: '/api/user/',
          fields: await fieldsOf(true),
          submit: translate('Create'),
          onDone: async (answer) => {
            await context.refresh();
            const made = answer as Row;
            context.go(linkTo(kind('user'), made.pk));
            openPassword(made, context);
          },
        }),
    },
    formAction({
      name: 'change',
      isReversible: true,
      label: 'Edit',
      icon: IconEdit,
      needs: 'change',
      on: ['row'],
      isMain: true,
      done: 'Saved',
      form: async ([row]) => ({
        url: `/api/user/${row?.pk ?? 0}/`,
        method: 'PATCH',
        fields: await fieldsOf(false),
        ...(row && { title: translate('Edit {{name}}', { name: kind('user').title(row) }), initial: { ...row, group_ids: groupsOf(row).map(({ pk }) => pk) } }),
        submit: translate('Save'),
      }),
    }),
    {
      name: 'password',
      label: 'Set password',
      role: 'superuser',
      icon: IconLock,
      needs: 'change',
      on: ['row'],
      run: ([row], context) => row && openPassword(row, context),
    },
    simplePost({
      name: 'deactivate',
      label: 'Block sign-in',
      icon: IconUserOff,
      url: (row) => `/api/user/${row.pk}/`,
      method: 'PATCH',
      body: () => ({ is_active: false }),
      question: 'The user can no longer sign in, and their tokens no longer work. Their past activity is kept.',
      color: 'red',
      when: (row) => Boolean(row.is_active),
      undo: (row) => () => patch(`/api/user/${row.pk}/`, { is_active: true }),
    }),
    simplePost({
      name: 'activate',
      label: 'Allow sign-in',
      icon: IconUserCheck,
      url: (row) => `/api/user/${row.pk}/`,
      method: 'PATCH',
      body: () => ({ is_active: true }),
      when: (row) => !row.is_active,
    }),
  ],
  empty: 'No users yet.',
});

export default user;
