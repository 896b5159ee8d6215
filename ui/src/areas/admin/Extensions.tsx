/** Plugins, where the server has any. */
import { Alert, Stack, Text } from '@mantine/core';
import { useTranslation } from '@/app/i18n';
import { YesNo } from '@/shared/values';
import { hasList } from './Frame';
import { Rows } from '@/shared/table/Rows';

interface Plugin {
  pk: number;
  key: string;
  name: string;
  active: boolean;
  is_builtin?: boolean;
  meta?: { description?: string; version?: string; author?: string } | null;
}
const PLUGINS = '/api/plugins/';

export default function Extensions() {
  const { t } = useTranslation();
  if (!hasList(PLUGINS)) return <Alert color="gray">{t('This server has no plugins.')}</Alert>;
  return (
    <Stack gap="lg">
      {hasList(PLUGINS) && (
        <section>
          <Rows<Plugin>
            label="Plugins"
            api={PLUGINS}
            keyOf={(row) => row.pk ?? row.key}
            hasSearch
            columns={[
              { label: 'Name', render: (row) => t(row.name) },
              { label: 'Description', render: (row) => <Text size="sm" c="dimmed">{t(row.meta?.description ?? '')}</Text> },
              { label: 'Version', render: (row) => row.meta?.version ?? '–', width: 100 },
              { label: 'Built in', render: (row) => <YesNo value={row.is_builtin} />, width: 90 },
              { label: 'Active', render: (row) => <YesNo value={row.active} />, width: 90 },
            ]}
            empty="No plugins."
          />
        </section>
      )}
    </Stack>
  );
}
