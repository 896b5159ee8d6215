/** Numbers of each month, as bars. */
import { Group, Skeleton, Text } from '@mantine/core';
import { useQueries } from '@tanstack/react-query';
import { useTranslation } from '@/app/i18n';
import { kindOf } from '@/app/registry';
import { useMay } from '@/app/session';
import { BarChart, seriesColor } from '@/shared/charts';
import { monthName, quantity } from '@/shared/format';
import { readRows } from '@/shared/resource';

const MONTHS = 12;
const MINUTES = 5 * 60_000;

interface Counted {
  label: string;
  model: string;
  /** Filters for the first and the last day. */
  from: string;
  to: string;
}

const day = (date: Date) => `${date.getFullYear()}-${String(date.getMonth() + 1).padStart(2, '0')}-${String(date.getDate()).padStart(2, '0')}`;

/** First and last day of each of the last months, the oldest first. */
export function months(now: Date, count = MONTHS): { first: string; last: string; date: Date }[] {
  return Array.from({ length: count }, (_, index) => {
    const date = new Date(now.getFullYear(), now.getMonth() - (count - 1 - index), 1);
    return { first: day(date), last: day(new Date(date.getFullYear(), date.getMonth() + 1, 0)), date };
  });
}

function Trend({ counted }: { counted: Counted[] }) {
  const { t } = useTranslation();
  const may = useMay();
  const seen = counted.filter(({ model }) => {
    const kind = kindOf(model);
    return kind && may(kind, 'view');
  });
  const all = months(new Date());
  const answers = useQueries({
    queries: seen.flatMap(({ model, from, to }) =>
      all.map(({ first, last }) => ({
        ...readRows(kindOf(model)?.api ?? '', { [from]: first, [to]: last, limit: 1 }),
        staleTime: MINUTES,
      })),
    ),
  });
  if (answers.some(({ isPending }) => isPending)) return <Skeleton height={220} />;
  const count = (series: number, month: number) => answers[series * MONTHS + month]?.data?.count ?? 0;
  const data = all.map(({ date }, month) => ({
    month: monthName(date),
    ...Object.fromEntries(seen.map(({ label }, series) => [t(label), count(series, month)])),
  }));
  const sum = (month: number) => seen.reduce((sum, _, series) => sum + count(series, month), 0);
  const change = sum(MONTHS - 1) - sum(MONTHS - 2);
  return (
    <>
      <Group gap={8} align="baseline" mb={6}>
        <Text fz={24} fw={700} lh={1.1}>
          {quantity(sum(MONTHS - 1))}
        </Text>
        <Text size="xs" c="dimmed">
          {t('this month, {{change}} compared to last month', { change: `${change > 0 ? '+' : ''}${quantity(change)}` })}
        </Text>
      </Group>
      <BarChart
        h={190}
        data={data}
        dataKey="month"
        type="stacked"
        withLegend={seen.length > 1}
        series={seen.map(({ label }, index) => ({ name: t(label), color: seriesColor(index) }))}
        valueFormatter={(value) => quantity(value)}
        yAxisProps={{ width: 44, allowDecimals: false }}
        tickLine="none"
        barProps={{ isAnimationActive: false }}
      />
    </>
  );
}

export const Movements = () => <Trend counted={[{ label: 'Changes', model: 'stockitemtracking', from: 'min_date', to: 'max_date' }]} />;

export const Completed = () => (
  <Trend
    counted={[
      { label: 'Builds', model: 'build', from: 'completed_after', to: 'completed_before' },
      { label: 'Purchase orders', model: 'purchaseorder', from: 'completed_after', to: 'completed_before' },
      { label: 'Sales orders', model: 'salesorder', from: 'completed_after', to: 'completed_before' },
    ]}
  />
);
