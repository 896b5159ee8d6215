/** What the server was started with, and the e-mail that it sent. */
import { Alert, Badge, Button, Code, Stack, Title } from '@mantine/core';
import { IconSend } from '@tabler/icons-react';
import { translate, useTranslation } from '@/app/i18n';
import { useUser } from '@/app/session';
import { openForm } from '@/shared/form/Form';
import { dateTime } from '@/shared/format';
import { succeeded } from '@/shared/notify';
import { hasList } from './Frame';
import { Rows } from '@/shared/table/Rows';

interface Entry {
  key: string;
  env_var: string | null;
  config_key: string | null;
  source: string | null;
  accessed?: string | null;
}
interface Email {
  pk?: number | string;
  global_id?: string;
  subject: string;
  to: string;
  sender?: string;
  status?: string;
  timestamp?: string;
}

const CONFIG = '/api/admin/config/';
const EMAIL = '/api/admin/email/';

const SOURCES: Record<string, string> = { 'command line': 'Command line', env: 'Environment variable', file: 'Configuration file', default: 'Default' };

const sendTest = () =>
  openForm({
    title: translate('Send a test e-mail'),
    url: `${EMAIL}test/`,
    fields: [{ name: 'email', field: { type: 'email', label: 'To', required: true, read_only: false } }],
    submit: translate('Send'),
    onDone: () => succeeded(translate('Sent')),
  });

export default function Configuration() {
  const { t } = useTranslation();
  const { is_superuser } = useUser();
  if (!is_superuser) return <Alert color="yellow">{t('Only superusers can view the server configuration.')}</Alert>;
  return (
    <Stack gap="lg">
      <section>
          <Title order={2} size="h5" mb={6}>
            {t('Configuration')}
          </Title>
          <Rows<Entry>
            label="Configuration"
            api={CONFIG}
            keyOf={(row) => row.key}
            columns={[
              { label: 'Option', render: (row) => <Code>{row.config_key ?? row.key}</Code> },
              { label: 'Variable', render: (row) => (row.env_var ? <Code>{row.env_var}</Code> : '–') },
              { label: 'Set by', render: (row) => t(SOURCES[row.source ?? ''] ?? row.source ?? '–'), width: 180 },
            ]}
            empty="No configuration."
          />
      </section>
      {hasList(EMAIL) && (
        <section>
          <Title order={2} size="h5" mb={6}>
            {t('E-mail')}
          </Title>
          <Rows<Email>
            label="E-mail"
            api={EMAIL}
            keyOf={(row) => row.global_id ?? row.pk ?? row.subject}
            hasSearch
            buttons={
              <Button size="xs" variant="default" leftSection={<IconSend size={16} />} onClick={sendTest}>
                {t('Send a test')}
              </Button>
            }
            columns={[
              { label: 'Subject', render: (row) => row.subject },
              { label: 'To', render: (row) => row.to },
              { label: 'Time', render: (row) => dateTime(row.timestamp), width: 160 },
              {
                label: 'State',
                width: 110,
                render: (row) => (
                  <Badge size="sm" variant="light" radius="sm" tt="none" color="gray">
                    {row.status ?? '–'}
                  </Badge>
                ),
              },
            ]}
            empty="No e-mails have been sent."
          />
        </section>
      )}
    </Stack>
  );
}
