/** What the server was started with, and the e-mail that it sent. */
import { Alert, Badge, Code, Stack, Title } from '@mantine/core';
import { useTranslation } from '@/app/i18n';
import { dateTime } from '@/shared/format';
import { hasList } from './Frame';
import { Rows } from './Rows';

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

export default function Configuration() {
  const { t } = useTranslation();
  if (!hasList(CONFIG) && !hasList(EMAIL)) {
    return <Alert color="gray">{t('This server does not tell its configuration. It is in the file and the variables that it was started with.')}</Alert>;
  }
  return (
    <Stack gap="lg">
      {hasList(CONFIG) && (
        <section>
          <Title order={2} size="h5" mb={6}>
            {t('Configuration')}
          </Title>
          <Rows<Entry>
            label="Configuration"
            api={CONFIG}
            keyOf={(row) => row.key}
            columns={[
              { label: 'Name', render: (row) => row.key },
              { label: 'Variable', render: (row) => (row.env_var ? <Code>{row.env_var}</Code> : '–') },
              { label: 'Key in the file', render: (row) => (row.config_key ? <Code>{row.config_key}</Code> : '–') },
              { label: 'Comes from', render: (row) => row.source ?? '–', width: 140 },
            ]}
            empty="Nothing is configured."
          />
        </section>
      )}
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
            empty="No e-mail was sent."
          />
        </section>
      )}
    </Stack>
  );
}
