/** Plugins and machines, where the server has any. */
import { Alert, Badge, Stack, Text, Title } from '@mantine/core';
import { useTranslation } from '@/app/i18n';
import { YesNo } from '@/shared/values';
import { hasList } from './Frame';
import { Rows } from './Rows';

interface Plugin {
  pk: number;
  key: string;
  name: string;
  active: boolean;
  is_builtin?: boolean;
  meta?: { description?: string; version?: string; author?: string } | null;
}
interface Machine {
  pk: string;
  name: string;
  machine_type: string;
  driver: string;
  active: boolean;
  status_text?: string;
}

const PLUGINS = '/api/plugins/';
const MACHINES = '/api/machine/';

export default function Extensions() {
  const { t } = useTranslation();
  if (!hasList(PLUGINS) && !hasList(MACHINES)) return <Alert color="gray">{t('This server has no plugins and no machines.')}</Alert>;
  return (
    <Stack gap="lg">
      {hasList(PLUGINS) && (
        <section>
          <Title order={2} size="h5" mb={6}>
            {t('Plugins')}
          </Title>
          <Rows<Plugin>
            label="Plugins"
            api={PLUGINS}
            keyOf={(row) => row.pk ?? row.key}
            hasSearch
            columns={[
              { label: 'Name', render: (row) => row.name },
              { label: 'Description', render: (row) => <Text size="sm" c="dimmed">{row.meta?.description ?? ''}</Text> },
              { label: 'Version', render: (row) => row.meta?.version ?? '–', width: 100 },
              { label: 'Built in', render: (row) => <YesNo value={row.is_builtin} />, width: 90 },
              { label: 'Active', render: (row) => <YesNo value={row.active} />, width: 90 },
            ]}
            empty="No plugins."
          />
        </section>
      )}
      {hasList(MACHINES) && (
        <section>
          <Title order={2} size="h5" mb={6}>
            {t('Machines')}
          </Title>
          <Rows<Machine>
            label="Machines"
            api={MACHINES}
            keyOf={(row) => row.pk}
            hasSearch
            columns={[
              { label: 'Name', render: (row) => row.name },
              { label: 'Kind', render: (row) => row.machine_type },
              { label: 'Driver', render: (row) => row.driver },
              { label: 'Active', render: (row) => <YesNo value={row.active} />, width: 90 },
              {
                label: 'State',
                width: 140,
                render: (row) => (
                  <Badge size="sm" variant="light" radius="sm" tt="none" color="gray">
                    {row.status_text ?? '–'}
                  </Badge>
                ),
              },
            ]}
            empty="No machines."
          />
        </section>
      )}
    </Stack>
  );
}
