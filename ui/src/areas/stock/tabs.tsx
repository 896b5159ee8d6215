/** Tabs of a stock item: what it is allocated to, and what is installed in it. */
import { Button, Stack } from '@mantine/core';
import { IconPackageImport } from '@tabler/icons-react';
import { useTranslation } from '@/app/i18n';
import { useMay } from '@/app/session';
import { useRun } from '@/shared/ActionButtons';
import type { TabProps } from '@/shared/description';
import { ResourceTable } from '@/shared/table/ResourceTable';
import { SmallTable } from '@/shared/table/SmallTable';
import { BUILD, orderLink } from '../parts/Demand';
import { assemblyActions } from './assembly';

const BUILD_ITEM = [BUILD, { name: 'quantity', label: 'Allocated' }, 'install_into'];
const SALES_ITEM = [orderLink('salesorder'), { name: 'quantity', label: 'Allocated' }, 'shipment'];
const TRANSFER_ITEM = [orderLink('transferorder'), { name: 'quantity', label: 'Allocated' }];

const isSold = (row: TabProps['row']) => Boolean((row.part_detail as { salable?: boolean } | undefined)?.salable) && !row.belongs_to && !row.sales_order;

export function Allocations({ row }: TabProps) {
  return (
    <Stack gap="sm">
      <SmallTable model="builditem" title="For build orders" fixed={{ stock_item: row.pk }} columns={BUILD_ITEM} />
      {/* the server knows allocations to sales orders only of what can be sold */}
      {isSold(row) && <SmallTable model="salesorderallocation" title="For sales orders" fixed={{ item: row.pk }} columns={SALES_ITEM} />}
      <SmallTable model="transferorderallocation" title="For transfer orders" fixed={{ item: row.pk }} columns={TRANSFER_ITEM} />
    </Stack>
  );
}

export function Installed({ row }: TabProps) {
  const { t } = useTranslation();
  const run = useRun();
  const may = useMay();
  const install = assemblyActions.find(({ name, when }) => name === 'install' && when?.([row]));
  return (
    <ResourceTable
      model="stockitem"
      fixed={{ belongs_to: row.pk, in_stock: undefined }}
      overrides={{ empty: 'No installed items.' }}
      canCreate={false}
      buttons={
        install && may('stock', 'change') ? (
          <Button size="xs" leftSection={<IconPackageImport size={16} />} onClick={() => run(install, [row])}>
            {t(install.label)}
          </Button>
        ) : undefined
      }
    />
  );
}
