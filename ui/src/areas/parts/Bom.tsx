/** The bill of materials as a tree: what is needed in all, what is there, and what it costs. */
import { ActionIcon, Badge, Box, Button, Card, Group, Loader, SegmentedControl, Skeleton, Stack, Table, Text } from '@mantine/core';
import { IconChevronDown, IconChevronRight, IconCircleCheck, IconCopy, IconPlus } from '@tabler/icons-react';
import { useMediaQuery } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { get, patch, post, type Row } from '@/api/client';
import { translate, useTranslation } from '@/app/i18n';
import { useMay } from '@/app/session';
import { RowMenu } from '@/shared/ActionButtons';
import { actionsFor, openCreate } from '@/shared/actions';
import type { Context, TabProps } from '@/shared/description';
import { openForm } from '@/shared/form/Form';
import { date, price as priceText, quantity } from '@/shared/format';
import { failed, succeeded } from '@/shared/notify';
import { usePriceCurrency } from '@/shared/PartPrice';
import { withProgress } from '@/shared/progress';
import { usePreference } from '@/shared/preference';
import { RecordLink } from '@/shared/RecordLink';
import { useContext } from '@/shared/refresh';
import { readRows, useResource } from '@/shared/resource';
import { EntryMenu } from '@/shared/table/EntryMenu';
import { ResourceTable } from '@/shared/table/ResourceTable';
import { type Back, compare } from '@/shared/undo';
import { Thumbnail } from '@/shared/values';

const MOST = 500;
/** A bill of materials that contains itself is not followed for ever. */
const DEEPEST = 12;

const available = (row: Row) => Number(row.available_stock ?? 0) + Number(row.available_substitute_stock ?? 0) + (row.allow_variants ? Number(row.available_variant_stock ?? 0) : 0);

interface LevelProps {
  part: number;
  /** How many of this assembly are needed. */
  times: number;
  depth: number;
}

function Level({ part, times, depth }: LevelProps) {
  const { t } = useTranslation();
  const resource = useResource('bomitem');
  const { data, error } = useQuery(readRows('/api/bom/', { ...resource.query, part, limit: MOST }));
  const note = (content: React.ReactNode) => (
    <Table.Tr>
      <Table.Td colSpan={9} pl={depth * 20 + 30}>
        {content}
      </Table.Td>
    </Table.Tr>
  );
  if (error) return note(<Text c="red" size="sm">{error.message}</Text>);
  if (!data) return note(<Loader size={14} />);
  if (data.results.length === 0) return note(<Text size="sm" c="dimmed">{t(resource.empty ?? 'Nothing here yet.')}</Text>);
  return (
    <>
      {data.results.map((row) => (
        <Line key={row.pk} row={row} times={times} depth={depth} />
      ))}
      {data.count > MOST && note(<Text size="xs" c="dimmed">{t('First {{shown}} of {{total}}', { shown: MOST, total: quantity(data.count) })}</Text>)}
    </>
  );
}

function Line({ row, times, depth }: Omit<LevelProps, 'part'> & { row: Row }) {
  const { t } = useTranslation();
  const may = useMay();
  const resource = useResource('bomitem');
  const [isOpen, setIsOpen] = useState(false);
  const currency = usePriceCurrency(row.sub_part);
  const part = row.sub_part_detail as (Row & { full_name?: string; name?: string; assembly?: boolean; units?: string; thumbnail?: string }) | undefined;
  const name = part?.full_name ?? `#${String(row.sub_part)}`;
  const needed = Number(row.quantity) * times;
  const there = available(row);
  const isShort = !row.consumable && there < needed;
  const priced = (value: unknown) => (value === null || value === undefined || !currency ? '' : priceText(Number(value) * times, currency));
  const price = [...new Set([priced(row.pricing_min_total), priced(row.pricing_max_total)])].filter(Boolean).join(' – ');
  return (
    <>
      <Table.Tr>
        <Table.Td>
          <Group gap={6} wrap="nowrap" pl={depth * 20}>
            {part?.assembly && depth < DEEPEST ? (
              <ActionIcon
                size="xs"
                variant="subtle"
                color="gray"
                aria-expanded={isOpen}
                aria-label={isOpen ? t('Close {{name}}', { name }) : t('Open {{name}}', { name })}
                onClick={() => setIsOpen((is) => !is)}
              >
                {isOpen ? <IconChevronDown size={14} /> : <IconChevronRight size={14} />}
              </ActionIcon>
            ) : (
              <Box w={18} style={{ flex: 'none' }} />
            )}
            <Thumbnail src={part?.thumbnail} size={22} />
            <RecordLink model="part" pk={row.sub_part as number}>
              {name}
            </RecordLink>
          </Group>
        </Table.Td>
        <Table.Td style={{ overflowWrap: 'anywhere' }} visibleFrom="sm">{String(row.reference ?? '')}</Table.Td>
        <Table.Td ta="right">{quantity(row.quantity, part?.units)}</Table.Td>
        <Table.Td ta="right" visibleFrom="sm">{quantity(needed)}</Table.Td>
        <Table.Td ta="right">
          <Text span size="sm" {...(isShort && { c: 'red', fw: 600 })} title={isShort ? t('Less than required') : undefined}>
            {quantity(there)}
          </Text>
        </Table.Td>
        <Table.Td ta="right" visibleFrom="sm">{quantity(Math.floor(Number(row.can_build ?? 0)))}</Table.Td>
        <Table.Td ta="right" style={{ whiteSpace: 'nowrap' }} visibleFrom="sm">
          {price || '–'}
        </Table.Td>
        <Table.Td visibleFrom="sm">
          <Group gap={4} wrap="nowrap">
            {row.validated ? <IconCircleCheck size={16} color="var(--mantine-color-green-7)" role="img" aria-label={t('Validated')} /> : null}
            {row.optional ? <Badge size="xs" variant="default" tt="none">{t('Optional')}</Badge> : null}
            {row.consumable ? <Badge size="xs" variant="default" tt="none">{t('Consumable')}</Badge> : null}
          </Group>
        </Table.Td>
        <Table.Td w={40}>
          <RowMenu actions={actionsFor(resource, 'row', [row], may)} rows={[row]} />
        </Table.Td>
      </Table.Tr>
      {isOpen && <Level part={row.sub_part as number} times={needed} depth={depth + 1} />}
    </>
  );
}

function Tree({ part }: { part: number }) {
  const { t } = useTranslation();
  const isPhone = useMediaQuery('(max-width: 48em)');
  return (
    <Card withBorder padding="sm">
      <Table.ScrollContainer minWidth={isPhone ? 0 : 860}>
        <Table verticalSpacing={5} fz="sm" highlightOnHover>
          <Table.Thead style={{ whiteSpace: 'nowrap' }}>
            <Table.Tr>
              <Table.Th w="34%" miw={isPhone ? 0 : 260}>{t('Component')}</Table.Th>
              <Table.Th visibleFrom="sm">{t('Reference')}</Table.Th>
              <Table.Th ta="right">{t('Quantity')}</Table.Th>
              <Table.Th ta="right" visibleFrom="sm">{t('Total quantity')}</Table.Th>
              <Table.Th ta="right">{t('Available')}</Table.Th>
              <Table.Th ta="right" visibleFrom="sm">{t('Can build')}</Table.Th>
              <Table.Th ta="right" visibleFrom="sm">{t('Price')}</Table.Th>
              <Table.Th w={96} visibleFrom="sm">{t('Attributes')}</Table.Th>
              <Table.Th w={40} aria-label={t('Actions')} />
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            <Level part={part} times={1} depth={0} />
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </Card>
  );
}

function copyBom(row: Row, context: Context) {
  let after: (() => Promise<Back>) | undefined;
  openForm({
    title: translate('Copy the bill of materials of another part'),
    url: `/api/part/${row.pk}/bom-copy/`,
    fields: [{ name: 'part', filters: () => ({ assembly: true }) }, 'remove_existing', 'include_inherited', 'skip_invalid', 'copy_substitutes'],
    initial: { remove_existing: false, copy_substitutes: true },
    submit: translate('Copy'),
    // the lines of before, to know which are new
    send: async (values) => {
      after = values.remove_existing ? undefined : await compare({ api: '/api/bom/', query: { part: row.pk }, fields: [] });
      return post(`/api/part/${row.pk}/bom-copy/`, values);
    },
    onDone: async () => {
      const back = await after?.();
      await context.refresh();
      succeeded(translate('Copied'), back && (() => back().then(context.refresh)));
    },
  });
}

const validate = (row: Row, valid: boolean, context: Context): Promise<void> =>
  withProgress(translate('Validate'), () => patch(`/api/part/${row.pk}/bom-validate/`, { valid })).then(async () => {
    await context.refresh();
    if (valid) succeeded(translate('Validated'), () => validate(row, false, context));
  });

interface Checked {
  bom_validated: boolean;
  bom_checked_by_detail: { username: string } | null;
  bom_checked_date: string | null;
}

export default function Bom({ row }: TabProps) {
  const { t } = useTranslation();
  const may = useMay();
  const context = useContext();
  const resource = useResource('bomitem');
  const [form, setForm] = usePreference<'tree' | 'table'>('bom', 'tree');
  const { data: checked } = useQuery({
    queryKey: ['bom-validate', row.pk],
    queryFn: ({ signal }) => get<Checked>(`/api/part/${row.pk}/bom-validate/`, {}, signal),
  });
  const isOpen = !row.locked;
  return (
    <Stack gap={8} style={{ flex: 1, minHeight: 0 }}>
      <Group justify="space-between" gap={8}>
        <Group gap={8}>
          <SegmentedControl
            size="xs"
            value={form}
            onChange={(form) => setForm(form as 'tree' | 'table')}
            data={[{ value: 'tree', label: t('Tree') }, { value: 'table', label: t('Table') }]}
            aria-label={t('View')}
          />
          {checked ? (
            <Badge variant="light" color={checked.bom_validated ? 'green' : 'gray'} tt="none" radius="sm">
              {checked.bom_validated
                ? t('Validated by {{user}}, {{date}}', { user: checked.bom_checked_by_detail?.username ?? '–', date: date(checked.bom_checked_date) })
                : t('Not validated')}
            </Badge>
          ) : (
            <Skeleton height={20} width={110} />
          )}
        </Group>
        <Group gap={8}>
          {may('bom', 'change') && checked && !checked.bom_validated && (
            <Button size="xs" variant="default" leftSection={<IconCircleCheck size={16} />} onClick={() => void validate(row, true, context).catch(failed)}>
              {t('Validate')}
            </Button>
          )}
          {may('bom', 'add') && isOpen && (
            <Button size="xs" variant="default" leftSection={<IconCopy size={16} />} onClick={() => copyBom(row, context)}>
              {t('Copy BOM')}
            </Button>
          )}
          {may('bom', 'add') && isOpen && form === 'tree' && (
            <Button.Group>
              <Button size="xs" leftSection={<IconPlus size={16} />} onClick={() => openCreate(resource, context, { part: row.pk }, true)}>
                {t('New')}
              </Button>
              <EntryMenu kind={resource.kind} fixed={{ part: row.pk }} />
            </Button.Group>
          )}
        </Group>
      </Group>
      {form === 'tree' ? <Tree part={row.pk} /> : <ResourceTable model="bomitem" fixed={{ part: row.pk }} hides={['part']} />}
    </Stack>
  );
}
