/** What happened to a stock item, the newest first. */
import { Group, Loader, Table, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { Row } from '@/api/client';
import { useTranslation } from '@/app/i18n';
import { kindOf } from '@/app/registry';
import { fullName, type User } from '@/app/session';
import { dateTime, humanize, quantity } from '@/shared/format';
import { readRows } from '@/shared/resource';
import { RecordLink } from '@/shared/RecordLink';
import { Named, StateBadge } from '@/shared/values';

const MOST = 250;

/** Details that name a record: its kind. */
const LINKS: Record<string, string> = {
  location: 'stocklocation',
  old_location: 'stocklocation',
  stockitem: 'stockitem',
  part: 'part',
  buildorder: 'build',
  build_order: 'build',
  purchaseorder: 'purchaseorder',
  salesorder: 'salesorder',
  returnorder: 'returnorder',
  transferorder: 'transferorder',
  customer: 'company',
  taken_from: 'stocklocation',
  projectcode: 'projectcode',
};

const LABELS: Record<string, string> = {
  quantity: 'Quantity',
  added: 'Added',
  removed: 'Removed',
  status: 'Status',
  old_status: 'Old status',
  location: 'Location',
  old_location: 'Old location',
  taken_from: 'Taken from',
  serial: 'Serial number',
  batch: 'Batch',
  packaging: 'Packaging',
};

/** Details that stand beside another one. */
const BESIDE = /_detail$|_logical$|^customer_name$|^is_building$|^person$/;

function Detail({ name, value, all }: { name: string; value: unknown; all: Record<string, unknown> }) {
  const { t } = useTranslation();
  const kind = kindOf(LINKS[name]);
  const nested = all[`${name}_detail`] as Row | undefined;
  if (BESIDE.test(name) || value === null) return null;
  const label = t(LABELS[name] ?? kind?.name ?? humanize(name));
  return (
    <Group gap={6} wrap="nowrap" fz="sm">
      <Text span c="dimmed" size="sm">
        {label}
      </Text>
      {kind ? (
        <RecordLink model={kind.model} pk={value as number}>
          {nested ? kind.title(nested) : <Named kind={kind} pk={value as number} />}
        </RecordLink>
      ) : /status$/.test(name) ? (
        <StateBadge states="StockStatus" value={value} />
      ) : typeof value === 'number' ? (
        quantity(value)
      ) : (
        String(value)
      )}
    </Group>
  );
}

export default function History({ item }: { item: number }) {
  const { t } = useTranslation();
  const { data } = useQuery(readRows('/api/stock/track/', { item, user_detail: true, limit: MOST, ordering: '-date' }));
  if (!data) return <Loader size="sm" />;
  return (
    <Table.ScrollContainer minWidth={560}>
      <Table verticalSpacing={6} striped>
        <Table.Thead>
          <Table.Tr>
            <Table.Th w={170}>{t('Date')}</Table.Th>
            <Table.Th w={220}>{t('What happened')}</Table.Th>
            <Table.Th>{t('Details')}</Table.Th>
            <Table.Th w={140}>{t('User')}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {data.results.map((row) => {
            const deltas = (row.deltas ?? {}) as Record<string, unknown>;
            const person = deltas.person_detail as User | null | undefined;
            const user = row.user_detail as { username?: string } | null | undefined;
            return (
              <Table.Tr key={row.pk}>
                <Table.Td>{dateTime(row.date)}</Table.Td>
                <Table.Td>{t(String(row.label ?? ''))}</Table.Td>
                <Table.Td>
                  <Group gap="md">
                    {Object.entries(deltas).map(([name, value]) => (
                      <Detail key={name} name={name} value={value} all={deltas} />
                    ))}
                    {row.notes ? <Text size="sm">{String(row.notes)}</Text> : null}
                  </Group>
                </Table.Td>
                <Table.Td>
                  {person ? (
                    <>
                      {fullName(person)}
                      <Text size="xs" c="dimmed">{t('signed in: {{name}}', { name: user?.username ?? '–' })}</Text>
                    </>
                  ) : (
                    (user?.username ?? '–')
                  )}
                </Table.Td>
              </Table.Tr>
            );
          })}
        </Table.Tbody>
      </Table>
      {data.count > MOST && (
        <Text size="sm" c="dimmed" mt={6}>
          {t('Latest {{count}} entries', { count: MOST })}
        </Text>
      )}
    </Table.ScrollContainer>
  );
}
