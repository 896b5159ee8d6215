/** What needs a part, and what is allocated of it. */
import { Card, SimpleGrid, Skeleton, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { get } from '@/api/client';
import { useTranslation } from '@/app/i18n';
import type { Column, TabProps } from '@/shared/description';
import { humanize, quantity } from '@/shared/format';
import { RecordLink } from '@/shared/RecordLink';
import { SmallTable } from '@/shared/table/SmallTable';

const link = (name: string, model: string, detail: string): Column => ({
  name,
  render: (row) => {
    const reference = row[`${name}_reference`] ?? (row[detail] as { reference?: string } | null | undefined)?.reference;
    return row[name] ? (
      <RecordLink model={model} pk={row[name] as number}>
        {String(reference ?? `#${String(row[name])}`)}
      </RecordLink>
    ) : (
      '–'
    );
  },
});
export const BUILD = link('build', 'build', 'build_detail');
export const orderLink = (model: string) => link('order', model, 'order_detail');
const ORDER = orderLink('salesorder');

const BUILD_LINE = [BUILD, { name: 'quantity', label: 'Required' }, 'allocated', 'consumed', 'available_stock'];
const SALES_LINE = [ORDER, 'quantity', 'allocated', 'shipped', 'target_date'];
const BUILD_ITEM = [BUILD, 'quantity', { name: 'stock_item_detail.serial', label: 'Serial number' }, { name: 'stock_item_detail.batch', label: 'Batch' }, 'location'];
const SALES_ITEM = [ORDER, 'quantity', { name: 'serial', label: 'Serial number' }, 'location', 'shipment'];

function Numbers({ row }: { row: TabProps['row'] }) {
  const { t } = useTranslation();
  const { data } = useQuery({
    queryKey: ['requirements', row.pk],
    queryFn: ({ signal }) => get<Record<string, number>>(`/api/part/${row.pk}/requirements/`, {}, signal),
  });
  if (!data) return <Skeleton height={80} />;
  return (
    <SimpleGrid cols={{ base: 2, sm: 3, lg: 5 }} spacing="sm">
      {Object.entries(data).map(([name, value]) => (
        <Card key={name} withBorder padding="sm">
          <Text size="xs" c="dimmed" lh={1.3}>
            {t(humanize(name))}
          </Text>
          <Text fw={700} fz={20} mt="auto">
            {quantity(value, row.units)}
          </Text>
        </Card>
      ))}
    </SimpleGrid>
  );
}

export function Requirements({ row }: TabProps) {
  return (
    <Stack gap="sm">
      <Numbers row={row} />
      {row.component ? <SmallTable model="buildline" title="Open build orders that use this part" fixed={{ part: row.pk, order_outstanding: true }} columns={BUILD_LINE} empty="No open build order uses this part." /> : null}
      {row.salable ? <SmallTable model="salesorderlineitem" title="Open sales orders" fixed={{ part: row.pk, order_outstanding: true }} columns={SALES_LINE} empty="No open sales order includes this part." /> : null}
    </Stack>
  );
}

export function Allocations({ row }: TabProps) {
  return (
    <Stack gap="sm">
      {row.component ? <SmallTable model="builditem" title="For build orders" fixed={{ part: row.pk }} columns={BUILD_ITEM} /> : null}
      {row.salable ? <SmallTable model="salesorderallocation" title="For sales orders" fixed={{ part: row.pk, outstanding: true }} columns={SALES_ITEM} /> : null}
    </Stack>
  );
}
