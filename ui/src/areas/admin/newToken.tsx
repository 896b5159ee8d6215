/** Makes an API token, and shows it the one time that it can be seen. */
import { Alert, Button, Code, Group, Select, Stack, Text, TextInput } from '@mantine/core';
import { modals } from '@mantine/modals';
import { IconCheck, IconCopy, IconInfoCircle } from '@tabler/icons-react';
import { useState } from 'react';
import { ApiError, base, post } from '@/api/client';
import { translate, useTranslation } from '@/app/i18n';
import { RelatedInput } from '@/shared/RelatedInput';
import { copyText } from '@/shared/copy';
import { date } from '@/shared/format';

interface Spec {
  user: number;
  /** The user can be another one. */
  canChoose: boolean;
  onDone: () => Promise<void>;
}

interface Made {
  token: string;
  name: string;
  expiry: string | null;
}

const DAY = 86_400_000;
const ends = (days: number) => new Date(Date.now() + days * DAY).toISOString().slice(0, 10);

function NewToken({ spec, onClose }: { spec: Spec; onClose: () => void }) {
  const { t } = useTranslation();
  const [user, setUser] = useState<number | null>(spec.user);
  const [name, setName] = useState('');
  const [term, setTerm] = useState('365');
  const [day, setDay] = useState(ends(365));
  const [errors, setErrors] = useState<Record<string, string[]>>({});
  const [general, setGeneral] = useState('');
  const [isSending, setIsSending] = useState(false);
  const [made, setMade] = useState<Made | null>(null);
  if (made) return <Shown made={made} onClose={onClose} />;
  const submit = async (event: React.FormEvent) => {
    event.preventDefault();
    setErrors({});
    setGeneral('');
    if (!name.trim()) return setErrors({ name: [t('Enter a name for the token, such as the program that uses it.')] });
    setIsSending(true);
    try {
      const expiry = term === 'day' ? day : ends(Number(term));
      const answer = await post<Made>('/api/user/tokens/', { user, name: name.trim(), expiry });
      setMade(answer);
      await spec.onDone();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      setErrors(error.fields);
      if (!['name', 'user', 'expiry'].some((field) => error.fields[field])) setGeneral(error.message);
    } finally {
      setIsSending(false);
    }
  };
  return (
    <form onSubmit={(event) => void submit(event)} noValidate>
      <Stack gap="sm">
        {general && (
          <Alert color="red" role="alert">
            {general}
          </Alert>
        )}
        {spec.canChoose && (
          <RelatedInput
            model="user"
            label={t('User')}
            description={t('The token has the permissions of this user.')}
            required
            value={user}
            onChange={(value) => setUser(value === null ? null : Number(value))}
            error={errors.user?.join(' ')}
          />
        )}
        <TextInput
          label={t('Name')}
          description={t('Purpose of the token, so that you can recognize it later.')}
          placeholder={t('Label printer in the workshop')}
          withAsterisk
          data-autofocus
          maxLength={100}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          error={errors.name?.join(' ')}
          autoComplete="off"
        />
        <Group grow align="flex-start">
          <Select
            label={t('Valid for')}
            data={[
              { value: '30', label: t('30 days') },
              { value: '90', label: t('90 days') },
              { value: '365', label: t('1 year') },
              { value: '3650', label: t('10 years') },
              { value: 'day', label: t('Until a date…') },
            ]}
            value={term}
            onChange={(term) => term && setTerm(term)}
            allowDeselect={false}
            error={term === 'day' ? undefined : errors.expiry?.join(' ')}
          />
          {term === 'day' && (
            <TextInput
              type="date"
              label={t('Valid until')}
              value={day}
              min={ends(0)}
              onChange={(event) => setDay(event.currentTarget.value)}
              error={errors.expiry?.join(' ')}
            />
          )}
        </Group>
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t('Cancel')}
          </Button>
          <Button type="submit" loading={isSending}>
            {t('Create token')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function Shown({ made, onClose }: { made: Made; onClose: () => void }) {
  const { t } = useTranslation();
  const [isCopied, setIsCopied] = useState(false);
  const example = `curl -H 'Authorization: Token ${made.token}' ${window.location.origin}${base}api/part/?limit=1`;
  return (
    <Stack gap="sm">
      <Alert color="green" icon={<IconInfoCircle size={18} />} title={t('Copy the token now')}>
        {t('It is shown only once. It is valid until {{day}} unless it is revoked earlier.', { day: date(made.expiry) })}
      </Alert>
      <Group gap={8} wrap="nowrap" align="stretch">
        <Code block aria-label={t('New token')} style={{ flex: 1, overflowWrap: 'anywhere', whiteSpace: 'pre-wrap', fontSize: 15 }} data-token>
          {made.token}
        </Code>
        <Button
          h="auto"
          data-autofocus
          color={isCopied ? 'green' : ''}
          leftSection={isCopied ? <IconCheck size={16} /> : <IconCopy size={16} />}
          onClick={() => void copyText(made.token).then(setIsCopied)}
        >
          {isCopied ? t('Copied') : t('Copy')}
        </Button>
      </Group>
      <Text size="sm" c="dimmed">
        {t('Try it:')}
      </Text>
      <Code block style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>
        {example}
      </Code>
      <Group justify="flex-end">
        <Button variant={isCopied ? 'filled' : 'default'} onClick={onClose}>
          {t('Done')}
        </Button>
      </Group>
    </Stack>
  );
}

export function openNewToken(spec: Spec): void {
  const id = modals.open({
    title: translate('New token'),
    size: 'lg',
    closeOnClickOutside: false,
    children: <NewToken spec={spec} onClose={() => modals.close(id)} />,
  });
}
