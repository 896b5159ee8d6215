import { ActionIcon, Button, Group } from '@mantine/core';
import { IconEdit, IconListDetails, IconPlus, IconTrash } from '@tabler/icons-react';
import { remove } from '@/api/client';
import { translate, useTranslation } from '@/app/i18n';
import { kind } from '@/app/registry';
import { useMay } from '@/app/session';
import { confirm } from '@/shared/confirm';
import { defineResource, type FormFields, type TabProps } from '@/shared/description';
import { openForm } from '@/shared/form/Form';
import { succeeded } from '@/shared/notify';
import { YesNo } from '@/shared/values';
import { listed } from './listed';
import { Rows } from '@/shared/table/Rows';

interface Entry {
  id: number;
  value: string;
  label: string;
  description: string;
  active: boolean;
}

const FIELDS: FormFields = ['value', 'label', 'description', { name: 'active', initial: true }];

function Entries({ row, refresh }: TabProps) {
  const { t } = useTranslation();
  const may = useMay();
  const api = `/api/selection/${row.pk}/entry/`;
  const canChange = may('admin', 'change') && !row.locked;
  const edit = (entry?: Entry) =>
    openForm({
      title: entry ? translate('Edit {{name}}', { name: entry.label }) : translate('New entry'),
      url: entry ? `${api}${entry.id}/` : api,
      method: entry ? 'PATCH' : 'POST',
      fields: FIELDS,
      ...(entry && { initial: { ...entry } }),
      ...(!entry && { fixed: { list: row.pk }, again: () => ({}) }),
      onDone: refresh,
    });
  const take = (entry: Entry) =>
    confirm({
      title: translate('Delete'),
      text: translate('Delete "{{name}}"? This cannot be undone.', { name: entry.label }),
      submit: translate('Delete'),
      run: async () => {
        await remove(`${api}${entry.id}/`);
        await refresh();
        succeeded(translate('Deleted'));
      },
    });
  return (
    <Rows<Entry>
      label="Entries"
      api={api}
      keyOf={(entry) => entry.id}
      sort="label"
      hasSearch
      buttons={
        canChange ? (
          <Button size="xs" leftSection={<IconPlus size={16} />} onClick={() => edit()}>
            {t('New entry')}
          </Button>
        ) : null
      }
      columns={[
        { label: 'Value', render: (entry) => entry.value },
        { label: 'Label', sort: 'label', render: (entry) => entry.label },
        { label: 'Description', render: (entry) => entry.description },
        { label: 'Active', sort: 'active', render: (entry) => <YesNo value={entry.active} />, width: 90 },
      ]}
      {...(canChange && {
        menu: (entry: Entry) => (
          <Group gap={4} wrap="nowrap" justify="flex-end">
            <ActionIcon variant="subtle" color="gray" size="sm" aria-label={t('Edit {{name}}', { name: entry.label })} onClick={() => edit(entry)}>
              <IconEdit size={16} />
            </ActionIcon>
            <ActionIcon variant="subtle" color="red" size="sm" aria-label={t('Delete {{name}}', { name: entry.label })} onClick={() => take(entry)}>
              <IconTrash size={16} />
            </ActionIcon>
          </Group>
        ),
      })}
      empty="No entries yet."
    />
  );
}

export default defineResource({
  kind: kind('selectionlist'),
  help: 'A selection list contains the valid values of a parameter, each with a label.',
  list: listed('selectionlist'),
  columns: ['name', 'description', 'entry_count', 'active', 'locked', 'last_updated'],
  form: ['name', 'description', 'active', 'locked'],
  tabs: [{ name: 'entries', label: 'Entries', icon: IconListDetails, content: Entries }],
  empty: 'No selection lists yet. A list contains the valid values of a parameter.',
});
