/** Name and profile of the signed-in user. */
import { Badge, Button, Card, Group, SimpleGrid, Stack, Table, Text } from '@mantine/core';
import { IconEdit } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { get, patch, type Row } from '@/api/client';
import { translate, useTranslation } from '@/app/i18n';
import { fullName, userQuery, useUser } from '@/app/session';
import { openForm } from '@/shared/form/Form';
import { succeeded } from '@/shared/notify';
import { Matrix } from '../people/Matrix';
import { type Rule, VERBS } from '../people/rights';

interface Group {
  pk: number;
  name: string;
}

function Facts({ title, rows, onEdit }: { title: string; rows: [string, React.ReactNode][]; onEdit?: () => void }) {
  const { t } = useTranslation();
  return (
    <Card withBorder padding="sm">
      <Group justify="space-between" mb={4}>
        <Text fw={600} size="sm" component="h2">
          {t(title)}
        </Text>
        {onEdit && (
          <Button size="compact-xs" variant="default" leftSection={<IconEdit size={14} />} onClick={onEdit} aria-label={t('Edit: {{name}}', { name: t(title) })}>
            {t('Edit')}
          </Button>
        )}
      </Group>
      <Table verticalSpacing={5} horizontalSpacing={0} fz="sm">
        <Table.Tbody>
          {rows.map(([label, value]) => (
            <Table.Tr key={label}>
              <Table.Th fw={400} c="dimmed" w="40%">
                {t(label)}
              </Table.Th>
              <Table.Td style={{ overflowWrap: 'anywhere' }}>{value || '–'}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Card>
  );
}

export default function Profile() {
  const { t } = useTranslation();
  const user = useUser();
  const client = useQueryClient();
  const { data: areas } = useQuery({
    queryKey: ['me', 'areas'],
    queryFn: async () => {
      const found = await get<Rule[] | { results: Rule[] }>('/api/user/ruleset/', {});
      return Array.isArray(found) ? found : found.results;
    },
  });
  const profile = (user.profile ?? {}) as Record<string, string | null>;
  const groups = (user.groups as Group[] | undefined) ?? [];
  const reread = () => client.invalidateQueries({ queryKey: userQuery.queryKey });
  const saved = ({ url }: { url: string; method: 'PATCH' }, before: Record<string, unknown>) => async (_: unknown, sent: Record<string, unknown>) => {
    await reread();
    succeeded(translate('Saved'), () => patch(url, Object.fromEntries(Object.keys(sent).map((name) => [name, before[name]]))).then(reread));
  };
  const editName = () =>
    openForm({ title: t('Edit your name'), url: '/api/user/me/', method: 'PATCH', fields: ['first_name', 'last_name', 'email'], initial: user, onDone: saved({ url: '/api/user/me/', method: 'PATCH' }, user) });
  const editProfile = () =>
    openForm({
      title: t('Edit your profile'),
      url: '/api/user/me/profile/',
      method: 'PATCH',
      fields: ['displayname', 'position', 'organisation', 'location', 'contact', 'status', 'type'],
      initial: profile as unknown as Row,
      onDone: saved({ url: '/api/user/me/profile/', method: 'PATCH' }, profile),
    });
  const labels = new Map((areas ?? []).map(({ name, label }) => [name, label]));
  const rules: Rule[] = Object.entries(user.roles).map(([name, verbs], index) => {
    const may = (verb: string) => (verbs as string[] | null)?.includes(verb) ?? false;
    const [can_view, can_add, can_change, can_delete] = VERBS.map(may) as [boolean, boolean, boolean, boolean];
    return { pk: index, name, label: labels.get(name) ?? name, group: 0, can_view, can_add, can_change, can_delete };
  });
  return (
    <Stack gap="sm" maw={1000}>
      <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="sm">
        <Facts
          title="Name"
          onEdit={editName}
          rows={[
            ['User name', user.username],
            ['Name', fullName(user)],
            ['E-mail', user.email],
            [
              'Access',
              <Group key="a" gap={6}>
                {user.is_superuser && <Badge size="sm" radius="sm" tt="none" variant="light" color="orange">{t('Superuser')}</Badge>}
                {user.is_staff && <Badge size="sm" radius="sm" tt="none" variant="light">{t('Administrator')}</Badge>}
                {groups.map(({ pk, name }) => (
                  <Badge key={pk} size="sm" radius="sm" tt="none" variant="light" color="gray">
                    {name}
                  </Badge>
                ))}
              </Group>,
            ],
          ]}
        />
        <Facts
          title="Profile"
          onEdit={editProfile}
          rows={[
            ['Display name', profile.displayname],
            ['Position', profile.position],
            ['Organization', profile.organisation],
            ['Place', profile.location],
            ['Contact', profile.contact],
            ['Status', profile.status],
          ]}
        />
      </SimpleGrid>
      <Card withBorder padding="sm">
        <Text fw={600} size="sm" mb={8} component="h2">
          {t('Your permissions')}
        </Text>
        {user.is_superuser ? <Text size="sm">{t('Superusers have all permissions.')}</Text> : <Matrix rules={rules} />}
      </Card>
    </Stack>
  );
}
