import { IconBookmark, IconList, IconTransfer } from '@tabler/icons-react';
import type { Area } from '@/shared/description';

export const area: Area = {
  name: 'transfers',
  label: 'Transfers',
  icon: IconTransfer,
  order: 65,
  kinds: [
    {
      model: 'transferorder',
      path: 'transfer-orders',
      api: '/api/order/transfer-order/',
      name: 'Transfer order',
      plural: 'Transfer orders',
      icon: IconTransfer,
      role: 'transfer_order',
      states: 'TransferOrderStatus',
      title: (row) => String(row.reference ?? ''),
      subtitle: (row) => String(row.description ?? ''),
      isSearched: true,
      load: () => import('./order'),
    },
    { model: 'transferorderlineitem', path: 'transfer-order-lines', api: '/api/order/transfer-order-line/', name: 'Line', plural: 'Transfer order lines', icon: IconList, role: 'transfer_order', title: (row) => String((row.part_detail as { full_name?: string } | null)?.full_name ?? row.pk), query: { part_detail: true }, load: () => import('./line') },
    { model: 'transferorderallocation', path: 'transfer-order-allocations', api: '/api/order/transfer-order-allocation/', name: 'Allocation', plural: 'Allocations', icon: IconBookmark, role: 'transfer_order', title: (row) => String(row.pk), load: () => import('./allocation') },
  ],
};
