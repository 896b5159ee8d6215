/** Which columns are shown, and in which order. */
import { ActionIcon, Button, Checkbox, Group, Popover, ScrollArea, Stack, Text, TextInput } from '@mantine/core';
import { IconArrowDown, IconArrowUp, IconColumns3 } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from '@/app/i18n';
import type { TableColumn } from './columns';

interface Props {
  all: TableColumn[];
  shown: string[];
  onChange: (shown: string[] | undefined) => void;
}

export function ColumnMenu({ all, shown, onChange }: Props) {
  const { t } = useTranslation();
  const [search, setSearch] = useState('');
  const byId = new Map(all.map((column) => [column.id, column]));
  const chosen = shown.flatMap((id) => byId.get(id) ?? []);
  const matches = (column: TableColumn) => column.label.toLowerCase().includes(search.toLowerCase());
  const others = all.filter((column) => !shown.includes(column.id));
  const move = (id: string, by: number) => {
    const from = shown.indexOf(id);
    const next = [...shown];
    next.splice(from, 1);
    next.splice(Math.max(0, from + by), 0, id);
    onChange(next);
  };
  return (
    <Popover position="bottom-end" width={320} trapFocus withinPortal>
      <Popover.Target>
        <Button variant="default" size="xs" leftSection={<IconColumns3 size={15} />}>
          {t('Columns')}
        </Button>
      </Popover.Target>
      <Popover.Dropdown p="xs">
        <TextInput
          size="xs"
          mb={8}
          placeholder={t('Find a column')}
          aria-label={t('Find a column')}
          value={search}
          onChange={(event) => setSearch(event.currentTarget.value)}
        />
        <ScrollArea.Autosize mah={360} type="auto">
          <Stack gap={4}>
            {chosen.filter(matches).map((column) => (
              <Group key={column.id} justify="space-between" wrap="nowrap" gap={4}>
                <Checkbox
                  size="xs"
                  checked
                  label={column.label}
                  onChange={() => onChange(shown.filter((id) => id !== column.id))}
                />
                <Group gap={0} wrap="nowrap">
                  <ActionIcon size="xs" variant="subtle" color="gray" aria-label={t('Move up')} onClick={() => move(column.id, -1)}>
                    <IconArrowUp size={13} />
                  </ActionIcon>
                  <ActionIcon size="xs" variant="subtle" color="gray" aria-label={t('Move down')} onClick={() => move(column.id, 1)}>
                    <IconArrowDown size={13} />
                  </ActionIcon>
                </Group>
              </Group>
            ))}
            <Text size="xs" c="dimmed" mt={6}>
              {t('More columns')}
            </Text>
            {others.filter(matches).map((column) => (
              <Checkbox
                key={column.id}
                size="xs"
                checked={false}
                label={column.label}
                onChange={() => onChange([...shown, column.id])}
              />
            ))}
          </Stack>
        </ScrollArea.Autosize>
        <Button variant="subtle" size="compact-xs" mt={8} onClick={() => onChange(undefined)}>
          {t('Default')}
        </Button>
      </Popover.Dropdown>
    </Popover>
  );
}
