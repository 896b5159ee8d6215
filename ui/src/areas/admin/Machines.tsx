/** Machines that print labels: how they are, their settings, and a label to try them. */
import { ActionIcon, Alert, Badge, Button, Card, Group, Menu, SimpleGrid, Skeleton, Stack, Table, Text } from '@mantine/core';
import { modals } from '@mantine/modals';
import { IconDots, IconEdit, IconPlus, IconPrinter, IconRefresh, IconSettings, IconTrash } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { get, page, post, remove } from '@/api/client';
import { colorOf, useStates } from '@/api/states';
import { translate, useTranslation } from '@/app/i18n';
import { kindOf } from '@/app/registry';
import { useMay } from '@/app/session';
import { confirm } from '@/shared/confirm';
import { openForm } from '@/shared/form/Form';
import { failed, succeeded } from '@/shared/notify';
import { type Output, waitFor } from '@/shared/output';
import { PRINTS, printersQuery, templatesQuery } from '@/shared/printing/printable';
import { SettingLine } from './SettingList';
import type { Setting } from './settings';

const MACHINES = '/api/machine/';
const MOST = 250;
/** The state of a machine changes by itself. */
const PAUSE = 15_000;
const RIGHTS = 'machine_machineconfig';

interface Machine {
  pk: string;
  name: string;
  machine_type: string;
  driver: string;
  initialized: boolean;
  active: boolean;
  status: number;
  status_model: string | null;
  status_text: string;
  machine_errors: string[];
  is_driver_available: boolean;
  restart_required: boolean;
  properties: { key: string; value: unknown; group?: string; type?: string }[];
}
interface Named {
  slug: string;
  name: string;
  description: string;
  machine_type?: string;
}
type MachineSetting = Setting & { config_type: 'M' | 'D'; required?: boolean };

const addressOf = (machine: Machine) => `${MACHINES}${machine.pk}/`;
const useList = (name: 'types' | 'drivers') =>
  useQuery({ queryKey: ['options', 'machine', name], queryFn: ({ signal }) => get<Named[]>(`${MACHINES}${name}/`, {}, signal), staleTime: Infinity }).data;

/** Prints a label of any record that there is a template for. */
async function printTest(machine: Machine, templates: { pk: number; model_type: string }[], plugin: string | undefined): Promise<void> {
  for (const template of templates) {
    const { results } = await page(kindOf(template.model_type)?.api ?? '', { limit: 1 });
    if (!results[0]) continue;
    const output = await post<Output>(PRINTS.label, { template: template.pk, items: [results[0].pk], plugin, machine: machine.pk });
    await waitFor(output, () => {});
    return;
  }
  throw new Error(translate('No label template is available, or there is no record to print it for.'));
}

function Settings({ machine, canChange }: { machine: Machine; canChange: boolean }) {
  const { t } = useTranslation();
  const list = ['machines', machine.pk, 'settings'];
  const { data, error } = useQuery({ queryKey: list, queryFn: ({ signal }) => get<MachineSetting[]>(`${addressOf(machine)}settings/`, {}, signal) });
  if (error) return <Alert color="red">{error.message}</Alert>;
  if (!data) return <Skeleton height={200} />;
  const lines = (type: 'M' | 'D') =>
    data
      .filter((setting) => setting.config_type === type)
      .map((setting) => (
        <SettingLine key={setting.key} setting={setting} address={`${addressOf(machine)}settings/${type}/${setting.key}/`} list={list} canChange={canChange} />
      ));
  return (
    <Stack gap="xs">
      {machine.machine_errors.length > 0 && (
        <Alert color="red" p="xs" style={{ whiteSpace: 'pre-line' }}>
          {machine.machine_errors.join('\n')}
        </Alert>
      )}
      <section>{lines('D')}</section>
      <section>{lines('M')}</section>
      {data.length === 0 && <Text c="dimmed" size="sm">{t('This driver has no settings.')}</Text>}
    </Stack>
  );
}

function StatusBadge({ machine }: { machine: Machine }) {
  const { t } = useTranslation();
  const states = useStates(machine.status_model ?? undefined);
  const state = states.find(({ key }) => key === machine.status);
  const shown = machine.active ? machine.status_text : 'Not in use';
  return (
    <Badge size="sm" variant="light" radius="sm" tt="none" style={{ flex: 'none' }} color={!machine.active ? 'gray' : machine.machine_errors.length ? 'red' : state ? colorOf(state) : 'gray'}>
      {t(shown)}
    </Badge>
  );
}

function MachineCard({ machine, driver, onChanged }: { machine: Machine; driver: string; onChanged: () => Promise<void> }) {
  const { t } = useTranslation();
  const may = useMay();
  const canChange = may(RIGHTS, 'change');
  const [isPrinting, setIsPrinting] = useState(false);
  const { data: templates } = useQuery(templatesQuery('label'));
  const { data: plugins } = useQuery(printersQuery);
  const settings = () => modals.open({ title: machine.name, size: 'lg', children: <Settings machine={machine} canChange={canChange} />, onClose: () => void onChanged() });
  const test = async () => {
    setIsPrinting(true);
    try {
      await printTest(machine, templates ?? [], plugins?.find(({ key }) => key.includes('machine'))?.key);
      succeeded(translate('Sent to the printer'));
    } catch (error) {
      failed(error);
    } finally {
      setIsPrinting(false);
      await onChanged();
    }
  };
  const restart = () =>
    post(`${addressOf(machine)}restart/`).then(async () => {
      await onChanged();
      succeeded(translate('Restarted'));
    }, failed);
  const edit = () =>
    openForm({
      title: t('Edit {{name}}', { name: machine.name }),
      url: addressOf(machine),
      method: 'PATCH',
      fields: ['name', 'active'],
      initial: { ...machine },
      onDone: onChanged,
    });
  const erase = () =>
    confirm({
      title: t('Delete'),
      text: t('Delete "{{name}}"? This cannot be undone.', { name: machine.name }),
      submit: t('Delete'),
      run: () => remove(addressOf(machine)).then(onChanged),
    });
  return (
    <Card withBorder padding="sm" component="article" aria-label={machine.name}>
      <Group justify="space-between" wrap="nowrap" align="flex-start">
        <div style={{ minWidth: 0 }}>
          <Text fw={600} style={{ overflowWrap: 'anywhere' }}>
            {machine.name}
          </Text>
          <Text size="xs" c="dimmed">
            {machine.is_driver_available ? t(driver) : t('The driver {{name}} is not available.', { name: machine.driver })}
          </Text>
        </div>
        <Group gap={6} wrap="nowrap" style={{ flex: 'none' }}>
          <StatusBadge machine={machine} />
          {(canChange || may(RIGHTS, 'delete')) && (
            <Menu position="bottom-end">
              <Menu.Target>
                <ActionIcon variant="subtle" color="gray" aria-label={t('Actions')}>
                  <IconDots size={16} />
                </ActionIcon>
              </Menu.Target>
              <Menu.Dropdown>
                {canChange && <Menu.Item leftSection={<IconEdit size={16} />} onClick={edit}>{t('Edit')}</Menu.Item>}
                {canChange && <Menu.Item leftSection={<IconRefresh size={16} />} onClick={() => void restart()}>{t('Restart')}</Menu.Item>}
                {may(RIGHTS, 'delete') && <Menu.Item color="red" leftSection={<IconTrash size={16} />} onClick={erase}>{t('Delete')}</Menu.Item>}
              </Menu.Dropdown>
            </Menu>
          )}
        </Group>
      </Group>
      {machine.machine_errors.length > 0 && (
        <Text size="xs" c="red" mt={6} style={{ overflowWrap: 'anywhere' }}>
          {machine.machine_errors.join(' ')}
        </Text>
      )}
      {machine.properties.length > 0 && (
        <Table fz="xs" verticalSpacing={2} horizontalSpacing={0} mt={6} layout="fixed">
          <Table.Tbody>
            {machine.properties.map(({ key, value }) => (
              <Table.Tr key={key}>
                <Table.Td c="dimmed">{t(key)}</Table.Td>
                <Table.Td>{String(value)}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
      <Group gap={8} mt="sm">
        {machine.restart_required && canChange ? (
          <Button size="xs" variant="light" color="orange" leftSection={<IconRefresh size={15} />} onClick={() => void restart()}>
            {t('Restart to apply the changes')}
          </Button>
        ) : (
          machine.active && (
            <Button size="xs" variant="default" leftSection={<IconPrinter size={15} />} loading={isPrinting} onClick={() => void test()}>
              {t('Print a test label')}
            </Button>
          )
        )}
        <Button size="xs" variant="default" leftSection={<IconSettings size={15} />} onClick={settings}>
          {t('Settings')}
        </Button>
      </Group>
    </Card>
  );
}

export default function Machines() {
  const { t } = useTranslation();
  const may = useMay();
  const client = useQueryClient();
  const types = useList('types');
  const drivers = useList('drivers');
  const { data, error } = useQuery({
    queryKey: ['machines'],
    queryFn: async ({ signal }) => (await page<Machine>(MACHINES, { limit: MOST, ordering: 'name' }, signal)).results,
    refetchInterval: PAUSE,
  });
  const onChanged = async () => {
    await client.invalidateQueries({ queryKey: ['machines'] });
    // the dialog of printing offers them
    client.removeQueries({ predicate: ({ queryKey }) => queryKey[0] === 'options' && String(queryKey[1]).startsWith(PRINTS.label) });
  };
  const create = () =>
    openForm({
      title: t('New machine'),
      url: MACHINES,
      submit: t('Create'),
      fields: [
        { name: 'name', field: { required: true } },
        {
          name: 'machine_type',
          label: 'Type',
          initial: types?.[0]?.slug,
          hidden: types?.length === 1,
          field: { type: 'choice', required: true, choices: (types ?? []).map(({ slug, name }) => ({ value: slug, display_name: name })) },
        },
        {
          name: 'driver',
          field: { type: 'choice', required: true, help_text: '', choices: (drivers ?? []).map(({ slug, name }) => ({ value: slug, display_name: name })) },
        },
        { name: 'active', initial: true },
      ],
      onDone: async (answer) => {
        await onChanged();
        const machine = answer as Machine;
        modals.open({ title: machine.name, size: 'lg', children: <Settings machine={machine} canChange />, onClose: () => void onChanged() });
      },
    });
  if (error) return <Alert color="red">{error.message}</Alert>;
  if (!data || !drivers) return <Skeleton height={200} />;
  const nameOf = (slug: string) => drivers.find((driver) => driver.slug === slug)?.name ?? slug;
  return (
    <Stack gap="sm" maw={980}>
      <Group justify="space-between">
        <Text size="sm" c="dimmed">
          {drivers.length ? t('{{count}} machines', { count: data.length }) : t('This server has no drivers for machines.')}
        </Text>
        {may(RIGHTS, 'add') && drivers.length > 0 && (
          <Button size="xs" leftSection={<IconPlus size={16} />} onClick={create}>
            {t('New')}
          </Button>
        )}
      </Group>
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="sm">
        {data.map((machine) => (
          <MachineCard key={machine.pk} machine={machine} driver={nameOf(machine.driver)} onChanged={onChanged} />
        ))}
      </SimpleGrid>
      {data.length === 0 && drivers.length > 0 && (
        <Card withBorder padding="lg">
          <Text size="sm" c="dimmed" ta="center">
            {t('No machines yet. You can print labels with the browser, but a machine prints immediately, without a dialog.')}
          </Text>
        </Card>
      )}
    </Stack>
  );
}
