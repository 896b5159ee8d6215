import { IconList, IconTruckReturn } from '@tabler/icons-react';
import type { Area } from '@/shared/description';

export const area: Area = {
  name: 'returns',
  label: 'Returns and transfers',
  icon: IconTruckReturn,
  order: 60,
  navigation: ['return-orders', 'transfer-orders'],
  kinds: [
    {
      model: 'returnorder',
      path: 'return-orders',
      api: '/api/order/ro/',
      name: 'Return order',
      plural: 'Return orders',
      icon: IconTruckReturn,
      role: 'return_order',
      states: 'ReturnOrderStatus',
      title: (row) => String(row.reference ?? ''),
      subtitle: (row) => [(row.customer_detail as { name?: string } | null | undefined)?.name, row.description].filter(Boolean).join(' · '),
      query: { customer_detail: true },
      isSearched: true,
      load: () => import('./order'),
    },
    { model: 'returnorderlineitem', path: 'return-order-lines', api: '/api/order/ro-line/', name: 'Line', plural: 'Return order lines', icon: IconList, role: 'return_order', states: 'ReturnOrderLineStatus', title: (row) => String((row.part_detail as { full_name?: string } | null)?.full_name ?? row.reference ?? row.pk), load: () => import('./line') },
    { model: 'returnorderextraline', path: 'return-order-extra-lines', api: '/api/order/ro-extra-line/', name: 'Extra line', plural: 'Extra lines', icon: IconList, role: 'return_order', title: (row) => String(row.reference ?? row.pk), load: () => import('./extraLine') },
  ],
};
