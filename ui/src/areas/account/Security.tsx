/** Password, sessions, and the place of what else guards an account. */
import { Alert, Badge, Button, Card, Checkbox, Group, PasswordInput, Stack, Table, Text } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { ApiError, get, page, post, remove } from '@/api/client';
import { translate, useTranslation } from '@/app/i18n';
import { useUser } from '@/app/session';
import { TOKENS, type Token } from '@/areas/admin/TokenTable';
import { confirm } from '@/shared/confirm';
import { dateTime } from '@/shared/format';
import { succeeded } from '@/shared/notify';
import { useRefresh } from '@/shared/refresh';
import { browserOf } from './browser';

function PasswordForm() {
  const { t } = useTranslation();
  const user = useUser();
  const refresh = useRefresh();
  const [values, setValues] = useState({ current: '', next: '', again: '' });
  const [endsTokens, setEndsTokens] = useState(false);
  const [errors, setErrors] = useState<Record<string, string[]>>({});
  const [general, setGeneral] = useState('');
  const [isSending, setIsSending] = useState(false);
  const { data: tokens } = useQuery({
    queryKey: ['rows', TOKENS, 'own'],
    queryFn: () => page<Token>(TOKENS, { all_users: false, revoked: false, limit: 1 }),
  });
  const set = (name: keyof typeof values) => (event: React.ChangeEvent<HTMLInputElement>) => {
    const text = event.currentTarget.value;
    setValues((values) => ({ ...values, [name]: text }));
    setErrors({});
  };
  const submit = async (event: React.FormEvent) => {
    event.preventDefault();
    setGeneral('');
    const found: Record<string, string[]> = {};
    if (!values.current) found.current_password = [t('Enter your current password.')];
    if (!values.next) found.new_password = [t('Enter a new password.')];
    else if (values.next !== values.again) found.again = [t('The passwords do not match.')];
    setErrors(found);
    if (Object.keys(found).length > 0) return;
    setIsSending(true);
    try {
      await post('/api/auth/v1/account/password/change', {
        current_password: values.current,
        new_password: values.next,
        end_tokens: endsTokens,
      });
      setValues({ current: '', next: '', again: '' });
      setEndsTokens(false);
      await refresh();
      succeeded(translate('Your password was changed. All other sessions have ended.'));
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      setErrors(error.fields);
      if (!error.fields.current_password && !error.fields.new_password) setGeneral(error.message);
    } finally {
      setIsSending(false);
    }
  };
  const lines = (name: string) => errors[name]?.join('\n');
  const styles = { error: { whiteSpace: 'pre-line' as const } };
  const count = tokens?.count ?? 0;
  return (
    <Card withBorder padding="md">
      <form onSubmit={(event) => void submit(event)} noValidate>
        <Stack gap="sm">
          <Text fw={600} size="sm" component="h2">
            {t('Change your password')}
          </Text>
          {general && (
            <Alert color="red" role="alert">
              {general}
            </Alert>
          )}
          <input type="text" name="username" autoComplete="username" value={user.username} readOnly hidden />
          <PasswordInput
            label={t('Current password')}
            autoComplete="current-password"
            value={values.current}
            onChange={set('current')}
            error={lines('current_password')}
            styles={styles}
          />
          <PasswordInput
            label={t('New password')}
            autoComplete="new-password"
            value={values.next}
            onChange={set('next')}
            error={lines('new_password')}
            styles={styles}
          />
          <PasswordInput label={t('Repeat new password')} autoComplete="new-password" value={values.again} onChange={set('again')} error={lines('again')} />
          {count > 0 && (
            <Checkbox
              label={t('Also revoke my {{count}} API tokens', { count })}
              description={t('Choose this if someone else may know your password.')}
              checked={endsTokens}
              onChange={(event) => setEndsTokens(event.currentTarget.checked)}
            />
          )}
          <Group>
            <Button type="submit" size="sm" loading={isSending}>
              {t('Change password')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Card>
  );
}

interface Config {
  data: { mfa?: { supported_types: string[] }; socialaccount?: { providers: { id: string; name: string }[] } };
}
interface Session {
  id: number;
  user_agent: string;
  ip: string;
  created_at: number | string | null;
  last_seen_at?: number | string | null;
  is_current: boolean;
}

const SESSIONS = '/api/auth/v1/auth/sessions';
const OWN_SESSIONS = '/api/user/session/';
const MILLISECONDS = 1000;
/** Seconds, or a time as a text. */
const timeOf = (time: number | string | null | undefined) => {
  if (typeof time !== 'number') return dateTime(time);
  return dateTime(new Date(time * MILLISECONDS).toISOString());
};

function Sessions() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const { data } = useQuery({
    queryKey: ['rows', SESSIONS],
    queryFn: async () => (await get<{ data: Session[] }>(SESSIONS)).data,
  });
  if (!data) return null;
  const end = (sessions: Session[]) =>
    confirm({
      title: t('End session'),
      text: sessions.length === 1 && sessions[0] ? browserOf(sessions[0].user_agent) : t('End {{count}} other sessions?', { count: sessions.length }),
      submit: t('End session'),
      run: async () => {
        for (const { id } of sessions) await remove(`${OWN_SESSIONS}${id}/`);
        await client.invalidateQueries({ queryKey: ['rows', SESSIONS] });
        succeeded(translate('The session has ended'));
      },
    });
  const others = data.filter((session) => !session.is_current);
  return (
    <Card withBorder padding="md">
      <Group justify="space-between" mb={4}>
        <Text fw={600} size="sm" component="h2">
          {t('Active sessions')}
        </Text>
        {others.length > 1 && (
          <Button size="compact-xs" variant="light" color="red" onClick={() => end(others)}>
            {t('End all other sessions')}
          </Button>
        )}
      </Group>
      <Table verticalSpacing={6} fz="sm">
        <Table.Tbody>
          {data.map((session) => (
            <Table.Tr key={session.id}>
              <Table.Td>
                {browserOf(session.user_agent)}
                <Text size="xs" c="dimmed">
                  {session.ip} · {timeOf(session.last_seen_at ?? session.created_at)}
                </Text>
              </Table.Td>
              <Table.Td ta="end">
                {session.is_current ? (
                  <Badge size="sm" radius="sm" tt="none" variant="light" color="green">
                    {t('This session')}
                  </Badge>
                ) : (
                  <Button size="compact-xs" variant="light" color="red" onClick={() => end([session])}>
                    {t('End')}
                  </Button>
                )}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      {others.length > 0 && (
        <Text size="xs" c="dimmed" mt={6}>
          {t('Changing your password ends all other sessions.')}
        </Text>
      )}
    </Card>
  );
}

export default function Security() {
  const { t } = useTranslation();
  const { data: config } = useQuery({ queryKey: ['rows', 'auth', 'config'], queryFn: () => get<Config>('/api/auth/v1/config') });
  const factors = config?.data.mfa?.supported_types ?? [];
  const providers = config?.data.socialaccount?.providers ?? [];
  return (
    <Stack gap="sm" maw={560}>
      <PasswordForm />
      <Sessions />
      {(factors.length > 0 || providers.length > 0) && (
        <Card withBorder padding="md">
          <Text fw={600} size="sm" component="h2" mb={4}>
            {t('More ways to protect your account')}
          </Text>
          <Text size="sm" c="dimmed">
            {[...factors, ...providers.map(({ name }) => name)].join(', ')}
          </Text>
        </Card>
      )}
    </Stack>
  );
}
