/** What happened to a stock item, the newest first. */
import { Anchor, Group, Loader, Table, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { Row } from '@/api/client';
import { useTranslation } from '@/app/i18n';
import { kindOf } from '@/app/registry';
import { dateTime, quantity } from '@/shared/format';
import { readRows } from '@/shared/resource';
import { RecordLink } from '@/shared/RecordLink';

const MOST = 250;

/** Keys of the details, with the kind that each names. */
const LINKS: Record<string, string> = {
  location: 'stocklocation',
  stockitem: 'stockitem',
  part: 'part',
  buildorder: 'build',
  purchaseorder: 'purchaseorder',
  salesorder: 'salesorder',
  returnorder: 'returnorder',
  transferorder: 'transferorder',
  customer: 'company',
};

function Detail({ name, value, all }: { name: string; value: unknown; all: Record<string, unknown> }) {
  const { t } = useTranslation();
  const kind = kindOf(LINKS[name]);
  const nested = all[`${name}_detail`] as Row | undefined;
  if (name.endsWith('_detail') || value === null) return null;
  const label = t(name.charAt(0).toUpperCase() + name.slice(1).replaceAll('_', ' '));
  const text = kind && nested ? kind.title(nested) : typeof value === 'number' ? quantity(value) : String(value);
  return (
    <Text size="sm" span>
      <Text span c="dimmed" size="sm">
        {label}{' '}
      </Text>
      {kind ? (
        <RecordLink model={kind.model} pk={value as number}>
          {nested ? text : `#${String(value)}`}
        </RecordLink>
      ) : (
        text
      )}
    </Text>
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
                <Table.Td>{user?.username ?? '–'}</Table.Td>
              </Table.Tr>
            );
          })}
        </Table.Tbody>
      </Table>
      {data.count > MOST && (
        <Anchor size="sm" component="span" c="dimmed">
          {t('Latest {{count}} entries', { count: MOST })}
        </Anchor>
      )}
    </Table.ScrollContainer>
  );
}
