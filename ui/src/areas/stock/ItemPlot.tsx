/** The quantity of a stock item after each change. */
import { Card, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { Row } from '@/api/client';
import { useTranslation } from '@/app/i18n';
import { AreaChart } from '@/shared/charts';
import { dateTime, quantity } from '@/shared/format';
import { readRows } from '@/shared/resource';

const MOST = 250;

/** Moments at which the quantity was written, the oldest first. */
export function quantities(entries: Row[]): { moment: string; quantity: number }[] {
  return entries
    .flatMap((row) => {
      const { quantity } = (row.deltas ?? {}) as { quantity?: number | string };
      return quantity === undefined || typeof row.date !== 'string' ? [] : [{ moment: row.date, quantity: Number(quantity) }];
    })
    .sort((a, b) => a.moment.localeCompare(b.moment));
}

export default function ItemPlot({ item, units }: { item: number; units?: unknown }) {
  const { t } = useTranslation();
  const { data } = useQuery(readRows('/api/stock/track/', { item, user_detail: true, limit: MOST, ordering: '-date' }));
  const points = quantities(data?.results ?? []);
  // one point is no history
  if (points.length < 2) return null;
  return (
    <Card withBorder padding="sm" mb="sm" style={{ flex: 'none' }}>
      <Text fw={600} size="sm" mb={6} component="h3">
        {t('Quantity over time')}
      </Text>
      <AreaChart
        h={180}
        data={points.map(({ moment, quantity }) => ({ moment: dateTime(moment), quantity }))}
        dataKey="moment"
        curveType="stepAfter"
        series={[{ name: 'quantity', label: t('Quantity'), color: 'ironwood.6' }]}
        valueFormatter={(value) => quantity(value, units)}
        yAxisProps={{ width: 64 }}
        areaProps={{ isAnimationActive: false }}
      />
    </Card>
  );
}
