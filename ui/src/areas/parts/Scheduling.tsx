/** What comes in and goes out of a part's stock, and what is left then. */
import { Badge, Card, Skeleton, Stack, Table, Text } from '@mantine/core';
import { useQueries } from '@tanstack/react-query';
import type { Query, Row } from '@/api/client';
import { useTranslation } from '@/app/i18n';
import { kindOf } from '@/app/registry';
import { useMay } from '@/app/session';
import { AreaChart } from '@/shared/charts';
import type { TabProps } from '@/shared/description';
import { date, quantity } from '@/shared/format';
import { RecordLink } from '@/shared/RecordLink';
import { readRows } from '@/shared/resource';

const MOST = 250;

export interface Entry {
  day: string | null;
  label: string;
  model: string;
  pk: number;
  reference: string;
  /** Less than zero: goes out. */
  amount: number;
}

interface Source {
  label: string;
  model: string;
  /** Whether there can be any: the server refuses to look for orders of what nobody buys. */
  when?: (part: Row) => boolean;
  query: (part: number) => Query;
  toEntry: (row: Row) => Omit<Entry, 'label'>;
}

type Order = { pk?: number; reference?: string; target_date?: string | null };
const left = (whole: unknown, done: unknown) => Math.max(0, Number(whole ?? 0) - Number(done ?? 0));

const SOURCES: Source[] = [
  {
    label: 'Purchase order',
    model: 'purchaseorderlineitem',
    when: (part) => Boolean(part.purchaseable),
    query: (part) => ({ base_part: part, pending: true, order_detail: true }),
    toEntry: (row) => {
      const order = (row.order_detail ?? {}) as Order;
      return { day: (row.target_date ?? order.target_date ?? null) as string | null, model: 'purchaseorder', pk: Number(row.order), reference: order.reference ?? '', amount: left(row.quantity, row.received) };
    },
  },
  {
    label: 'Build order',
    model: 'build',
    query: (part) => ({ part, outstanding: true }),
    toEntry: (row) => ({ day: row.target_date as string | null, model: 'build', pk: row.pk, reference: String(row.reference ?? ''), amount: left(row.quantity, row.completed) }),
  },
  {
    label: 'Consumed by a build order',
    model: 'buildline',
    query: (part) => ({ part, order_outstanding: true, build_detail: true }),
    toEntry: (row) => {
      const build = (row.build_detail ?? {}) as Order & { start_date?: string | null };
      return { day: build.start_date ?? build.target_date ?? null, model: 'build', pk: Number(row.build), reference: String(row.build_reference ?? build.reference ?? ''), amount: -left(row.quantity, row.consumed) };
    },
  },
  {
    label: 'Sales order',
    model: 'salesorderlineitem',
    query: (part) => ({ part, order_outstanding: true, order_detail: true }),
    toEntry: (row) => {
      const order = (row.order_detail ?? {}) as Order;
      return { day: (row.target_date ?? order.target_date ?? null) as string | null, model: 'salesorder', pk: Number(row.order), reference: order.reference ?? '', amount: -left(row.quantity, row.shipped) };
    },
  },
];

/** Entries by day, those without one at the end, each with the stock after it. */
export function planned(entries: Entry[], stock: number): (Entry & { after: number })[] {
  let after = stock;
  return [...entries]
    .filter(({ amount }) => amount !== 0)
    .sort((a, b) => (a.day ?? '9999').localeCompare(b.day ?? '9999') || b.amount - a.amount)
    .map((entry) => ({ ...entry, after: (after += entry.amount) }));
}

function usePlan(part: Row) {
  const may = useMay();
  const seen = SOURCES.filter(({ model, when }) => {
    const kind = kindOf(model);
    return kind && may(kind, 'view') && (!when || when(part));
  });
  const answers = useQueries({ queries: seen.map(({ model, query }) => readRows(kindOf(model)?.api ?? '', { ...query(part.pk), limit: MOST })) });
  const entries = answers.flatMap(({ data }, index) => {
    const source = seen[index];
    return source && data ? data.results.map((row) => ({ label: source.label, ...source.toEntry(row) })) : [];
  });
  return { entries, isPending: answers.some(({ isPending }) => isPending), isCut: answers.some(({ data }) => (data?.count ?? 0) > MOST) };
}

export default function Scheduling({ row }: TabProps) {
  const { t } = useTranslation();
  const { entries, isPending, isCut } = usePlan(row);
  if (isPending) return <Skeleton height={260} />;
  const now = Number(row.total_in_stock ?? row.in_stock ?? 0);
  const lines = planned(entries, now);
  if (lines.length === 0) {
    return (
      <Card withBorder padding="lg">
        <Text size="sm" c="dimmed" ta="center">
          {t('No open order or build adds or uses this part.')}
        </Text>
      </Card>
    );
  }
  const today = new Date().toISOString().slice(0, 10);
  const dated = lines.filter(({ day }) => day);
  // what is overdue may come today at the earliest
  const points = dated.reduce(
    (points, { day, after }) => points.set(day! < today ? today : day!, after),
    new Map([[today, now]]),
  );
  const data = [...points].map(([day, stock]) => ({ day: date(day), stock }));
  const minimum = Number(row.minimum_stock ?? 0);
  return (
    <Stack gap="sm">
      {data.length > 1 && (
        <Card withBorder padding="sm">
          <Text fw={600} size="sm" mb={8} component="h3">
            {t('Expected stock')}
          </Text>
          <AreaChart
            h={220}
            data={data}
            dataKey="day"
            curveType="stepAfter"
            series={[{ name: 'stock', label: t('In stock'), color: 'ironwood.6' }]}
            valueFormatter={(value) => quantity(value, row.units)}
            yAxisProps={{ width: 64 }}
            areaProps={{ isAnimationActive: false }}
            referenceLines={minimum > 0 ? [{ y: minimum, label: t('Minimum stock'), color: 'red.6' }] : []}
          />
        </Card>
      )}
      <Card withBorder padding="sm">
        <Table.ScrollContainer minWidth={520}>
          <Table verticalSpacing={5} fz="sm">
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{t('Date')}</Table.Th>
                <Table.Th>{t('Order')}</Table.Th>
                <Table.Th>{t('Activity')}</Table.Th>
                <Table.Th ta="right">{t('Quantity')}</Table.Th>
                <Table.Th ta="right">{t('Left')}</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              <Table.Tr>
                <Table.Td>{t('Now')}</Table.Td>
                <Table.Td>–</Table.Td>
                <Table.Td>{t('In stock')}</Table.Td>
                <Table.Td />
                <Table.Td ta="right">{quantity(now, row.units)}</Table.Td>
              </Table.Tr>
              {lines.map((line, index) => (
                <Table.Tr key={index}>
                  <Table.Td>
                    {line.day ? date(line.day) : t('No date')}{' '}
                    {line.day && line.day < today && (
                      <Badge size="xs" color="red" variant="light" tt="none">
                        {t('Overdue')}
                      </Badge>
                    )}
                  </Table.Td>
                  <Table.Td>
                    <RecordLink model={line.model} pk={line.pk}>
                      {line.reference || `#${line.pk}`}
                    </RecordLink>
                  </Table.Td>
                  <Table.Td>{t(line.label)}</Table.Td>
                  <Table.Td ta="right">{`${line.amount > 0 ? '+' : ''}${quantity(line.amount)}`}</Table.Td>
                  <Table.Td ta="right" {...(line.after < 0 && { c: 'red' })}>
                    {quantity(line.after, row.units)}
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
        {isCut && (
          <Text size="xs" c="dimmed">
            {t('First {{shown}} of each type', { shown: MOST })}
          </Text>
        )}
      </Card>
    </Stack>
  );
}
