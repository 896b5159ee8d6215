/** How much of a part there was, at moments of the past. */
import { Card, Group, SegmentedControl, Skeleton, Stack, Text } from '@mantine/core';
import { useQueries } from '@tanstack/react-query';
import { useState } from 'react';
import { get } from '@/api/client';
import { useTranslation } from '@/app/i18n';
import { AreaChart } from '@/shared/charts';
import type { TabProps } from '@/shared/description';
import { date, quantity } from '@/shared/format';
import { SmallTable } from '@/shared/table/SmallTable';

const POINTS = 13;
const DAY = 86_400_000;
const MINUTES = 60_000;
const RANGES = [
  { value: '30', label: 'Month' },
  { value: '90', label: 'Quarter' },
  { value: '365', label: 'Year' },
  { value: '1095', label: '3 years' },
];

/** Days of the past in even steps, the oldest first; today is the last. */
export function pastDays(range: number, now: Date, points = POINTS): string[] {
  return Array.from({ length: points }, (_, index) =>
    new Date(now.getTime() - (range * DAY * (points - 1 - index)) / (points - 1)).toISOString().slice(0, 10),
  );
}

export default function StockPlot({ row }: TabProps) {
  const { t } = useTranslation();
  const [range, setRange] = useState('365');
  const days = pastDays(Number(range), new Date());
  const answers = useQueries({
    queries: days.map((at) => ({
      queryKey: ['stock-at', row.pk, at],
      queryFn: ({ signal }: { signal: AbortSignal }) =>
        get<{ quantity: number; items: number }>('/api/stock/history/', { part: row.pk, at, include_variants: Boolean(row.is_template) }, signal),
      staleTime: MINUTES,
    })),
  });
  const error = answers.find(({ error }) => error)?.error;
  const isPending = answers.some(({ isPending }) => isPending);
  const minimum = Number(row.minimum_stock ?? 0);
  return (
    <Stack gap="sm">
      <Card withBorder padding="sm">
        <Group justify="space-between" mb={8}>
          <Text fw={600} size="sm" component="h3">
            {t('In stock')}
          </Text>
          <SegmentedControl size="xs" value={range} onChange={setRange} data={RANGES.map(({ value, label }) => ({ value, label: t(label) }))} aria-label={t('Time')} />
        </Group>
        {error ? (
          <Text c="red" size="sm">
            {error.message}
          </Text>
        ) : isPending ? (
          <Skeleton height={240} />
        ) : (
          <AreaChart
            h={240}
            data={days.map((day, index) => ({ day: date(day), stock: answers[index]?.data?.quantity ?? 0 }))}
            dataKey="day"
            curveType="linear"
            series={[{ name: 'stock', label: t('In stock'), color: 'ironwood.6' }]}
            valueFormatter={(value) => quantity(value, row.units)}
            yAxisProps={{ width: 64 }}
            areaProps={{ isAnimationActive: false }}
            referenceLines={minimum > 0 ? [{ y: minimum, label: t('Minimum stock'), color: 'red.6' }] : []}
          />
        )}
      </Card>
      <SmallTable model="partstocktake" title="Stocktakes" fixed={{ part: row.pk }} />
    </Stack>
  );
}
