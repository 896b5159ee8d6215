import { ActionIcon, Group, Stack, Table, Text } from '@mantine/core';
import { IconShieldLock, IconTool, IconUserMinus, IconUsers } from '@tabler/icons-react';
import { get, patch, remove, type Row } from '@/api/client';
import { translate, useTranslation } from '@/app/i18n';
import { kind, linkTo } from '@/app/registry';
import { fullName, type User, useMay } from '@/app/session';
import { listed } from '@/areas/admin/listed';
import { makeShopFloorGroup } from '@/areas/shop/rights';
import { formAction } from '@/shared/actions';
import { defineResource, type TabProps } from '@/shared/description';
import { failed, succeeded } from '@/shared/notify';
import { RecordLink } from '@/shared/RecordLink';
import { RelatedInput } from '@/shared/RelatedInput';
import { GroupRights } from './Matrix';

type Member = Pick<User, 'username' | 'first_name' | 'last_name'> & { pk: number };
const membersOf = (row: Row) => (row.users as Member[] | undefined) ?? [];

/** Puts a user into a group, or takes them out of it. */
async function setMember(group: number, user: number, isMember: boolean): Promise<void> {
  const found = await get<{ groups: { pk: number }[] }>(`/api/user/${user}/`);
  const others = found.groups.map(({ pk }) => pk).filter((pk) => pk !== group);
  await patch(`/api/user/${user}/`, { group_ids: isMember ? [...others, group] : others });
}

function Rights({ row }: TabProps) {
  const may = useMay();
  return <GroupRights group={row.pk} canChange={may('admin', 'change')} />;
}

function Members({ row, refresh }: TabProps) {
  const { t } = useTranslation();
  const may = useMay();
  const canChange = may('admin', 'change');
  const change = (user: number, isMember: boolean) =>
    setMember(row.pk, user, isMember)
      .then(refresh)
      .then(() => succeeded(isMember ? translate('Added to the group') : translate('Removed from the group'), () => setMember(row.pk, user, !isMember).then(refresh)))
      .catch(failed);
  return (
    <Stack gap="sm" maw={560}>
      {canChange && (
        <RelatedInput
          model="user"
          label={t('Add a member')}
          filters={{ is_active: true }}
          value={null}
          onChange={(user) => user !== null && void change(Number(user), true)}
        />
      )}
      <Table verticalSpacing={5} aria-label={t('Members')}>
        <Table.Tbody>
          {membersOf(row).map((user) => (
            <Table.Tr key={user.pk}>
              <Table.Td>
                <RecordLink model="user" pk={user.pk}>
                  {fullName(user)}
                </RecordLink>
                <Text span size="xs" c="dimmed" ml={8}>
                  {user.username}
                </Text>
              </Table.Td>
              <Table.Td ta="end">
                {canChange && (
                  <ActionIcon
                    variant="subtle"
                    color="red"
                    size="sm"
                    aria-label={t('Remove {{name}} from the group', { name: fullName(user) })}
                    onClick={() => void change(user.pk, false)}
                  >
                    <IconUserMinus size={16} />
                  </ActionIcon>
                )}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      {membersOf(row).length === 0 && (
        <Text size="sm" c="dimmed">
          {t('This group has no members yet.')}
        </Text>
      )}
    </Stack>
  );
}

export default defineResource({
  kind: kind('group'),
  help: 'A group grants permissions to its members: what they can view, add, change, and delete in each area.',
  list: listed('group'),
  query: { user_detail: true },
  columns: [
    'name',
    {
      name: 'users',
      label: 'Members',
      sort: false,
      width: 420,
      render: (row) => (
        <Group gap={6} wrap="nowrap">
          <Text size="sm" truncate span>
            {membersOf(row).map(fullName).join(', ') || '–'}
          </Text>
        </Group>
      ),
    },
  ],
  sort: 'name',
  form: ['name'],
  actions: [
    formAction({
      name: 'shop-floor',
      label: 'New group for the shop floor',
      icon: IconTool,
      role: 'admin',
      needs: 'add',
      on: ['list'],
      done: 'Group created',
      form: (_, context) => ({
        url: '/api/user/group/',
        intro: translate('Members can view parts, and take, use up, and return stock. They see nothing else. After signing in, they start in shop floor mode.'),
        fields: ['name'],
        initial: { name: translate('Shop floor') },
        submit: translate('Create'),
        send: (values) => makeShopFloorGroup(String(values.name ?? '')),
        onDone: (group) => context.go(linkTo(kind('group'), (group as Row).pk)),
      }),
      undo: (_, __, group) => () => remove(`/api/user/group/${(group as Row).pk}/`),
    }),
  ],
  tabs: [
    { name: 'details', label: 'Permissions', icon: IconShieldLock, content: Rights },
    { name: 'members', label: 'Members', icon: IconUsers, count: (row) => membersOf(row).length, content: Members },
  ],
  empty: 'No groups yet. Groups grant permissions to their members.',
});
