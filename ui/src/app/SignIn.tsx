/** The page for whoever is not signed in. */
import { Alert, Button, Center, Paper, PasswordInput, Stack, Text, TextInput, Title } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { ApiError, at } from '@/api/client';
import { useTranslation } from './i18n';
import { signIn, userQuery } from './session';

export function SignIn() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const [error, setError] = useState('');
  const [isSending, setIsSending] = useState(false);
  const submit = async (event: React.FormEvent) => {
    event.preventDefault();
    setError('');
    setIsSending(true);
    try {
      await signIn(name, password);
      await client.invalidateQueries({ queryKey: userQuery.queryKey });
    } catch (error) {
      setError(error instanceof ApiError ? (Object.values(error.fields)[0]?.join(' ') ?? error.message) : String(error));
    } finally {
      setIsSending(false);
    }
  };
  return (
    <Center mih="100dvh" p="md" component="main" bg="light-dark(var(--mantine-color-gray-0), var(--mantine-color-dark-8))">
      <Paper withBorder shadow="sm" radius="lg" p="xl" w={380} maw="100%">
        <form onSubmit={(event) => void submit(event)}>
          <Stack>
            <Stack gap={4} align="center">
              <img src={at('icon.svg')} alt="" width={52} height={52} />
              <Title order={1} size="h3">
                Ironwood
              </Title>
              <Text size="sm" c="dimmed">
                {t('Sign in to your inventory')}
              </Text>
            </Stack>
            {error && (
              <Alert color="red" role="alert">
                {error}
              </Alert>
            )}
            <TextInput
              label={t('User name')}
              name="username"
              autoComplete="username"
              autoCapitalize="none"
              autoFocus
              required
              withAsterisk={false}
              value={name}
              onChange={(event) => setName(event.currentTarget.value)}
            />
            <PasswordInput
              label={t('Password')}
              name="password"
              autoComplete="current-password"
              required
              withAsterisk={false}
              value={password}
              onChange={(event) => setPassword(event.currentTarget.value)}
            />
            <Button type="submit" fullWidth loading={isSending}>
              {t('Sign in')}
            </Button>
          </Stack>
        </form>
      </Paper>
    </Center>
  );
}
