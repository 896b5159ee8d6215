/** The first page: what needs attention. */
import { Card, Group, SimpleGrid, Skeleton, Stack, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from '@/app/i18n';
import { kindOf } from '@/app/registry';
import { fullName, useMay, useUser } from '@/app/session';
import { quantity } from '@/shared/format';
import { readRows } from '@/shared/resource';

interface Number {
  label: string;
  model: string;
  filters: Record<string, string>;
  color?: string;
}

const NUMBERS: Number[] = [
  { label: 'Parts low on stock', model: 'part', filters: { low_stock: 'true', active: 'true' }, color: 'orange' },
  { label: 'Expired stock', model: 'stockitem', filters: { expired: 'true', in_stock: 'true' }, color: 'red' },
  { label: 'Overdue purchase orders', model: 'purchaseorder', filters: { overdue: 'true' }, color: 'red' },
  { label: 'Overdue builds', model: 'build', filters: { overdue: 'true' }, color: 'red' },
  { label: 'Overdue sales orders', model: 'salesorder', filters: { overdue: 'true' }, color: 'red' },
  { label: 'Parts that I follow', model: 'part', filters: { starred: 'true' } },
];

function NumberCard({ label, model, filters, color }: Number) {
  const { t } = useTranslation();
  const may = useMay();
  const kind = kindOf(model);
  const isShown = Boolean(kind?.load) && may(kind, 'view');
  const { data } = useQuery({ ...readRows(kind?.api ?? '', { ...filters, limit: 1 }), enabled: isShown });
  if (!kind || !isShown) return null;
  const search = Object.fromEntries(Object.entries(filters).map(([name, value]) => [`f.${name}`, value]));
  const count = data?.count ?? 0;
  return (
    <Card withBorder padding="md" component={Link} to={`/${kind.path}` as never} search={search as never}>
      <Group justify="space-between" wrap="nowrap">
        <Text size="sm" c="dimmed">
          {t(label)}
        </Text>
        <kind.icon size={18} stroke={1.5} />
      </Group>
      {data ? (
        <Text fz={28} fw={700} lh={1.2} {...(count > 0 && color && { c: color })}>
          {quantity(count)}
        </Text>
      ) : (
        <Skeleton height={32} width={64} />
      )}
    </Card>
  );
}

export default function Home() {
  const { t } = useTranslation();
  const user = useUser();
  return (
    <Stack gap="md">
      <Title order={1} size="h3">
        {t('Hello, {{name}}', { name: user.first_name || fullName(user) })}
      </Title>
      <SimpleGrid cols={{ base: 2, sm: 3 }} spacing="sm">
        {NUMBERS.map((number) => (
          <NumberCard key={number.label} {...number} />
        ))}
      </SimpleGrid>
    </Stack>
  );
}
