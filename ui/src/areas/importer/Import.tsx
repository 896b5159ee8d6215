/** Import from files: a session goes from the file over its columns and rows to records, and can be left and gone on with. */
import { Alert, Anchor, Badge, Button, Card, Group, Paper, Progress, SimpleGrid, Skeleton, Stack, Stepper, Text, Title, UnstyledButton } from '@mantine/core';
import { Dropzone } from '@mantine/dropzone';
import '@mantine/dropzone/styles.css';
import { IconFileSpreadsheet, IconUpload } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { ApiError, call, page, remove } from '@/api/client';
import { metadata } from '@/api/options';
import { useTranslation } from '@/app/i18n';
import { kindOf } from '@/app/registry';
import { confirm } from '@/shared/confirm';
import { FieldInput } from '@/shared/form/FieldInput';
import { dateTime } from '@/shared/format';
import { Columns } from './Columns';
import { Finished } from './Finished';
import { Rows } from './Rows';
import { COMPLETE, IMPORTING, MAPPING, PROCESSING, type Session, SESSIONS, sessionQuery, settingsOf } from './session';

const LARGEST = 100 * 1024 * 1024;
const EVERY = 700;
const STATES: Record<number, { label: string; color: string }> = {
  0: { label: 'Started', color: 'gray' },
  [MAPPING]: { label: 'Columns', color: 'blue' },
  [IMPORTING]: { label: 'Reading file', color: 'cyan' },
  [PROCESSING]: { label: 'Rows', color: 'orange' },
  [COMPLETE]: { label: 'Complete', color: 'green' },
};
/** What the rows of a session are called. */
function useModelName() {
  const { t } = useTranslation();
  const { data } = useQuery(metadata(SESSIONS));
  const choices = data?.actions?.POST?.model_type?.choices ?? [];
  return (model: string) => t(kindOf(model)?.plural ?? choices.find((choice) => choice.value === model)?.display_name ?? model);
}
const fileName = (session: Session) => session.data_file.split('/').pop() ?? '';

/** Drops a file and says what its rows are. */
function Begin({ preset }: { preset: Record<string, unknown> }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { data } = useQuery(metadata(SESSIONS));
  const fields = data?.actions?.POST;
  const [file, setFile] = useState<File | null>(null);
  const [values, setValues] = useState<Record<string, unknown>>(preset);
  const [errors, setErrors] = useState<Record<string, string[]>>({});
  const [general, setGeneral] = useState('');
  const [isSending, setIsSending] = useState(false);
  if (!fields) return <Skeleton height={200} />;
  const settings = settingsOf(fields);
  const shown = [['model_type', fields.model_type], ['update_records', fields.update_records], ...settings] as const;

  const send = async () => {
    if (!file) return;
    setIsSending(true);
    setErrors({});
    setGeneral('');
    try {
      const body = new FormData();
      body.append('data_file', file);
      for (const [name, value] of Object.entries(values)) {
        if (value !== null && value !== undefined && value !== '') body.append(name, typeof value === 'object' ? JSON.stringify(value) : String(value));
      }
      const session = await call<Session>('POST', SESSIONS, { body });
      void navigate({ to: '/import' as never, search: { session: session.pk } as never });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      setErrors(error.fields);
      setGeneral(error.fields.data_file?.join(' ') ?? (Object.keys(error.fields).length === 0 ? error.message : ''));
    } finally {
      setIsSending(false);
    }
  };

  return (
    <Paper withBorder p="md">
      <Stack gap="sm">
        <Dropzone onDrop={(files) => setFile(files[0] ?? null)} maxFiles={1} maxSize={LARGEST} multiple={false} py="lg" aria-label={t('File')}>
          <Stack align="center" gap={4} style={{ pointerEvents: 'none' }}>
            {file ? <IconFileSpreadsheet size={36} stroke={1.4} /> : <IconUpload size={36} stroke={1.4} />}
            <Text fw={600}>{file ? file.name : t('Drop a file here, or click to choose one')}</Text>
            <Text size="sm" c="dimmed">
              {t('CSV, TSV, or Excel (xlsx). The first row must contain the column names.')}
            </Text>
          </Stack>
        </Dropzone>
        {general && <Alert color="red">{general}</Alert>}
        <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="sm">
          {shown.map(([name, field]) =>
            field ? (
              <FieldInput
                key={name}
                name={name}
                field={name === 'model_type' ? { ...field, label: 'Row type', help_text: '' } : field}
                value={values[name] ?? field.default ?? (field.type === 'boolean' ? false : null)}
                error={errors[name]?.join(' ')}
                onChange={(value) => setValues((values) => ({ ...values, [name]: value }))}
              />
            ) : null,
          )}
        </SimpleGrid>
        <Group justify="flex-end">
          <Button onClick={() => void send()} loading={isSending} disabled={!file || !values.model_type}>
            {t('Continue')}
          </Button>
        </Group>
      </Stack>
    </Paper>
  );
}

function SessionCard({ session, onGone }: { session: Session; onGone: () => void }) {
  const { t } = useTranslation();
  const modelName = useModelName();
  const state = STATES[session.status];
  const total = session.row_count || session.row_count_history || 0;
  const complete = session.status === COMPLETE ? total : session.completed_row_count;
  return (
    <Card withBorder p="sm">
      <Group justify="space-between" wrap="nowrap" gap="sm">
        <UnstyledButton component={Link} to={'/import' as never} search={{ session: session.pk } as never} style={{ flex: 1, minWidth: 0 }}>
          <Text fw={600} truncate>
            {fileName(session)}
          </Text>
          <Text size="xs" c="dimmed">
            {modelName(session.model_type)} · {dateTime(session.timestamp)}
            {total > 0 && ` · ${t('{{done}} of {{total}} rows', { done: complete, total })}`}
          </Text>
        </UnstyledButton>
        {state && <Badge color={state.color} variant="light" tt="none">{t(state.label)}</Badge>}
        <Button
          size="compact-sm"
          variant="subtle"
          color="red"
          onClick={() =>
            confirm({
              title: t('Delete'),
              text: t('The file and its rows are deleted. Imported records are kept.'),
              submit: t('Delete'),
              run: () => remove(`${SESSIONS}${session.pk}/`).then(onGone),
            })
          }
        >
          {t('Delete')}
        </Button>
      </Group>
    </Card>
  );
}

function Overview({ preset }: { preset: Record<string, unknown> }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const { data } = useQuery({ queryKey: ['imports'], queryFn: () => page<Session>(SESSIONS, { limit: 20, ordering: '-timestamp' }) });
  return (
    <Stack gap="md" maw={860}>
      <Begin preset={preset} />
      {data && data.results.length > 0 && (
        <Stack gap={6}>
          <Title order={2} size="h5">
            {t('Continue with')}
          </Title>
          {data.results.map((session) => (
            <SessionCard key={session.pk} session={session} onGone={() => void client.invalidateQueries({ queryKey: ['imports'] })} />
          ))}
        </Stack>
      )}
    </Stack>
  );
}

function Reading({ session }: { session: Session }) {
  const { t } = useTranslation();
  return (
    <Paper withBorder p="lg">
      <Text mb="sm">{t('The rows are being read and checked. You can leave this page in the meantime.')}</Text>
      <Progress value={100} animated aria-label={t('Progress')} />
      <Text size="sm" c="dimmed" mt="xs">{t('{{count}} rows', { count: session.row_count })}</Text>
    </Paper>
  );
}

function Running({ pk }: { pk: number }) {
  const { t } = useTranslation();
  const modelName = useModelName();
  const { data: session, error } = useQuery({
    ...sessionQuery(pk),
    refetchInterval: (query) => ((query.state.data as Session | undefined)?.status === IMPORTING ? EVERY : false),
  });
  if (error) return <Alert color="red">{error.message}</Alert>;
  if (!session) return <Skeleton height={300} />;
  const step = session.status <= MAPPING ? 1 : session.status < PROCESSING ? 2 : session.status === PROCESSING ? 2 : 4;
  return (
    <Stack gap="md" style={{ flex: 1, minHeight: 0 }}>
      <Group justify="space-between">
        <Text size="sm" c="dimmed">
          {fileName(session)} · {modelName(session.model_type)}
        </Text>
        <Anchor component={Link} to={'/import' as never} size="sm">
          {t('All imports')}
        </Anchor>
      </Group>
      <Stepper active={step} size="xs" iconSize={26} allowNextStepsSelect={false}>
        <Stepper.Step label={t('File')} />
        <Stepper.Step label={t('Columns')} />
        <Stepper.Step label={t('Rows')} />
        <Stepper.Step label={t('Done')} />
      </Stepper>
      {session.status <= MAPPING && <Columns session={session} />}
      {session.status === IMPORTING && <Reading session={session} />}
      {session.status === PROCESSING && <Rows session={session} />}
      {session.status === COMPLETE && <Finished session={session} />}
    </Stack>
  );
}

export default function Import() {
  const { t } = useTranslation();
  const { session, model, ...others } = useSearch({ strict: false }) as Record<string, string | undefined>;
  const given = Object.fromEntries(Object.entries(others).filter(([name]) => name.startsWith('set.')).map(([name, value]) => [name.slice(4), value]));
  const preset = { ...(model && { model_type: model }), ...(Object.keys(given).length > 0 && { field_overrides: given }) };
  return (
    <Stack gap={12} style={{ flex: 1, minHeight: 0 }}>
      <Title order={1} size="h3">
        {t('Import')}
      </Title>
      {session ? <Running key={session} pk={Number(session)} /> : <Overview key={model ?? ''} preset={preset} />}
    </Stack>
  );
}
