/** What a part costs: the range of each source, price breaks as a chart, and the price breaks themselves. */
import { Alert, Button, Card, Group, SimpleGrid, Skeleton, Stack, Table, Text } from '@mantine/core';
import { IconAdjustments, IconRefresh } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { get, patch, type Row } from '@/api/client';
import { translate, useTranslation } from '@/app/i18n';
import { kind, kindOf } from '@/app/registry';
import { useMay } from '@/app/session';
import { LineChart, seriesColor } from '@/shared/charts';
import type { Column, TabProps } from '@/shared/description';
import { openForm } from '@/shared/form/Form';
import { dateTime, money, price, quantity } from '@/shared/format';
import { failed, succeeded } from '@/shared/notify';
import { RecordLink } from '@/shared/RecordLink';
import { readRows } from '@/shared/resource';
import { SmallTable } from '@/shared/table/SmallTable';

/** Sources of prices, with the start of their fields' names. */
const SOURCES: { label: string; field: string }[] = [
  { label: 'Override', field: 'override' },
  { label: 'Purchases', field: 'purchase_cost' },
  { label: 'Internal prices', field: 'internal_cost' },
  { label: 'Suppliers', field: 'supplier_price' },
  { label: 'Bill of materials', field: 'bom_cost' },
  { label: 'Variants', field: 'variant_cost' },
  { label: 'Sale prices', field: 'sale_price' },
  { label: 'Sales', field: 'sale_history' },
];
const BREAKS = 250;

type Pricing = Record<string, string | number | null>;
const isSet = (value: unknown) => value !== null && value !== undefined && value !== '';

function Ranges({ pricing }: { pricing: Pricing }) {
  const { t } = useTranslation();
  const rows = SOURCES.filter(({ field }) => isSet(pricing[`${field}_min`]) || isSet(pricing[`${field}_max`]));
  const top = Math.max(...rows.map(({ field }) => Number(pricing[`${field}_max`] ?? pricing[`${field}_min`] ?? 0)), 0);
  const share = (value: unknown) => (top > 0 ? (100 * Number(value ?? 0)) / top : 0);
  const all = [...rows, { label: 'Total', field: 'overall' }];
  return (
    <Table.ScrollContainer minWidth={420}>
      <Table verticalSpacing={5} fz="sm">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t('Source')}</Table.Th>
            <Table.Th ta="right">{t('From')}</Table.Th>
            <Table.Th ta="right">{t('To')}</Table.Th>
            <Table.Th w="38%" aria-label={t('Range')} />
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {all.map(({ label, field }) => {
            const [low, high] = [pricing[`${field}_min`], pricing[`${field}_max`]];
            const [from, to] = [share(low ?? high), share(high ?? low)];
            return (
              <Table.Tr key={field} fw={field === 'overall' ? 600 : 400}>
                <Table.Td>{t(label)}</Table.Td>
                <Table.Td ta="right">{isSet(low) ? price(low, pricing.currency) : '–'}</Table.Td>
                <Table.Td ta="right">{isSet(high) ? price(high, pricing.currency) : '–'}</Table.Td>
                <Table.Td>
                  <div aria-hidden style={{ position: 'relative', height: 10, borderRadius: 5, background: 'light-dark(var(--mantine-color-gray-2), var(--mantine-color-dark-5))' }}>
                    {isSet(low ?? high) && (
                      <div style={{ position: 'absolute', left: `${Math.min(from, 98)}%`, width: `${Math.max(2, to - from)}%`, height: 10, borderRadius: 5, background: 'var(--mantine-color-ironwood-6)' }} />
                    )}
                  </div>
                </Table.Td>
              </Table.Tr>
            );
          })}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

interface Break {
  series: string;
  quantity: number;
  price: number;
  currency: string;
}

/** Points of a chart: the price of each series at every quantity at which one of them changes. */
export function pricePoints(breaks: Break[]): Record<string, number>[] {
  const quantities = [...new Set(breaks.map(({ quantity }) => quantity))].sort((a, b) => a - b);
  const series = [...new Set(breaks.map(({ series }) => series))];
  return quantities.map((quantity) => {
    const point: Record<string, number> = { quantity };
    for (const name of series) {
      const reached = breaks.filter((entry) => entry.series === name && entry.quantity <= quantity);
      const best = reached.sort((a, b) => b.quantity - a.quantity)[0];
      if (best) point[name] = best.price;
    }
    return point;
  });
}

function useBreaks(part: number, isSold: boolean): Break[] {
  const { t } = useTranslation();
  const may = useMay();
  const read = (model: string, filters: Record<string, number>, more = {}) => {
    const found = kindOf(model);
    const isSeen = found !== undefined && may(found, 'view');
    return { ...readRows(found?.api ?? '', { ...filters, ...more, limit: BREAKS, ordering: 'quantity' }), enabled: isSeen };
  };
  const supplier = useQuery(read('supplierpricebreak', { base_part: part }, { part_detail: true, supplier_detail: true }));
  const internal = useQuery(read('partinternalpricebreak', { part }));
  const saleQuery = read('partsellpricebreak', { part });
  // the server knows sale prices of parts that are sold only
  const sale = useQuery({ ...saleQuery, enabled: saleQuery.enabled && isSold });
  const breaks = (rows: Row[] | undefined, series: (row: Row) => string): Break[] =>
    (rows ?? []).filter((row) => isSet(row.price)).map((row) => ({ series: series(row), quantity: Number(row.quantity), price: Number(row.price), currency: String(row.price_currency ?? '') }));
  const supplierName = (row: Row) =>
    [(row.supplier_detail as { name?: string } | null)?.name, (row.part_detail as { SKU?: string } | null)?.SKU].filter(Boolean).join(' ');
  return [...breaks(supplier.data?.results, supplierName), ...breaks(internal.data?.results, () => t('Internal')), ...breaks(sale.data?.results, () => t('Sale'))];
}

function BreakChart({ row, currency }: { row: Row; currency: unknown }) {
  const { t } = useTranslation();
  const all = useBreaks(row.pk, Boolean(row.salable));
  // prices in several currencies have no common scale
  const main = all.some((entry) => entry.currency === currency) ? String(currency) : all[0]?.currency;
  const breaks = all.filter((entry) => entry.currency === main);
  const names = [...new Set(breaks.map(({ series }) => series))];
  if (breaks.length === 0) {
    return (
      <Text size="sm" c="dimmed">
        {t('No price breaks yet.')}
      </Text>
    );
  }
  return (
    <>
      <LineChart
        h={220}
        data={pricePoints(breaks)}
        dataKey="quantity"
        curveType="stepAfter"
        series={names.map((name, index) => ({ name, color: seriesColor(index) }))}
        valueFormatter={(value) => money(value, main)}
        withLegend
        yAxisProps={{ width: 76 }}
        xAxisProps={{ tickFormatter: (value: number) => quantity(value) }}
        lineProps={{ isAnimationActive: false }}
        connectNulls
      />
      {breaks.length < all.length && (
        <Text size="xs" c="dimmed">
          {t('Prices in currencies other than {{currency}} are not included in the chart.', { currency: main })}
        </Text>
      )}
    </>
  );
}

export default function Pricing({ row, refresh }: TabProps) {
  const { t } = useTranslation();
  const may = useMay();
  const url = `/api/part/${row.pk}/pricing/`;
  const { data: pricing, error } = useQuery({ queryKey: ['pricing', row.pk], queryFn: ({ signal }) => get<Pricing>(url, {}, signal) });
  const mayChange = may(kind('part'), 'change');
  const update = () =>
    patch(url, { update: true }).then(async () => {
      await refresh();
      succeeded(translate('Prices are being recalculated'));
    }, failed);
  const override = () =>
    openForm({
      title: t('Set price range'),
      url,
      method: 'PATCH',
      fields: ['override_min', 'override_min_currency', 'override_max', 'override_max_currency'],
      initial: pricing ?? {},
      transform: (values) => ({ ...values, update: true }),
      onDone: async (_, sent) => {
        await refresh();
        const before = Object.fromEntries(Object.keys(sent).map((name) => [name, name === 'update' ? true : (pricing?.[name] ?? null)]));
        succeeded(translate('Saved'), () => patch(url, before).then(refresh));
      },
    });
  if (error) return <Alert color="red">{error.message}</Alert>;
  return (
    <Stack gap="sm">
      <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="sm">
        <Card withBorder padding="sm">
          <Group justify="space-between" mb={6} gap={6}>
            <Text fw={600} size="sm" component="h3">
              {t('Price range')}
            </Text>
            {mayChange && (
              <Group gap={6}>
                <Button size="compact-sm" variant="light" leftSection={<IconAdjustments size={15} />} onClick={override}>
                  {t('Override')}
                </Button>
                <Button size="compact-sm" variant="light" leftSection={<IconRefresh size={15} />} onClick={() => void update()}>
                  {t('Recalculate')}
                </Button>
              </Group>
            )}
          </Group>
          {pricing ? <Ranges pricing={pricing} /> : <Skeleton height={120} />}
          <Text size="xs" c="dimmed" mt={6}>
            {pricing?.updated ? t('Calculated on {{date}}', { date: dateTime(pricing.updated) }) : t('Not calculated yet')}
          </Text>
        </Card>
        <Card withBorder padding="sm">
          <Text fw={600} size="sm" mb={6} component="h3">
            {t('Price by quantity')}
          </Text>
          <BreakChart row={row} currency={pricing?.currency} />
        </Card>
      </SimpleGrid>
      <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="sm">
        <SmallTable model="partinternalpricebreak" title="Internal prices" fixed={{ part: row.pk }} newValues={{ part: row.pk }} />
        {row.salable ? <SmallTable model="partsellpricebreak" title="Sale prices" fixed={{ part: row.pk }} newValues={{ part: row.pk }} /> : null}
        {row.purchaseable ? <SmallTable model="supplierpricebreak" title="Suppliers" fixed={{ base_part: row.pk }} columns={SUPPLIER_BREAK} query={SUPPLIER_QUERY} /> : null}
      </SimpleGrid>
    </Stack>
  );
}

const SUPPLIER_BREAK: Column[] = [
  { name: 'supplier', render: (row) => <RecordLink model="company" pk={row.supplier as number}>{(row.supplier_detail as { name?: string } | null)?.name ?? `#${String(row.supplier)}`}</RecordLink> },
  { name: 'part_detail.SKU', label: 'SKU', render: (row) => <RecordLink model="supplierpart" pk={row.part as number}>{String((row.part_detail as { SKU?: string } | null)?.SKU ?? row.part)}</RecordLink> },
  'quantity',
  'price',
];
const SUPPLIER_QUERY = { part_detail: true, supplier_detail: true };
