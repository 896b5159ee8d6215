import { IconList, IconShoppingCart } from '@tabler/icons-react';
import type { Area } from '@/shared/description';

export const area: Area = {
  name: 'purchasing',
  label: 'Purchasing',
  icon: IconShoppingCart,
  order: 40,
  navigation: ['purchase-orders'],
  kinds: [
    {
      model: 'purchaseorder',
      path: 'purchase-orders',
      api: '/api/order/po/',
      name: 'Purchase order',
      plural: 'Purchase orders',
      icon: IconShoppingCart,
      role: 'purchase_order',
      states: 'PurchaseOrderStatus',
      title: (row) => String(row.reference ?? ''),
      subtitle: (row) => [(row.supplier_detail as { name?: string } | null | undefined)?.name ?? row.supplier_name, row.description].filter(Boolean).join(' · '),
      query: { supplier_detail: true },
      isSearched: true,
      load: () => import('./order'),
    },
    {
      model: 'purchaseorderlineitem',
      path: 'purchase-order-lines',
      api: '/api/order/po-line/',
      name: 'Line',
      plural: 'Purchase order lines',
      icon: IconList,
      role: 'purchase_order',
      title: (row) => [row.sku, row.internal_part_name].filter(Boolean).join(' · ') || String(row.reference ?? row.pk),
      load: () => import('./line'),
    },
    {
      model: 'purchaseorderextraline',
      path: 'purchase-order-extra-lines',
      api: '/api/order/po-extra-line/',
      name: 'Extra line',
      plural: 'Extra lines',
      icon: IconList,
      role: 'purchase_order',
      title: (row) => String(row.reference ?? row.description ?? row.pk),
      load: () => import('./extraLine'),
    },
  ],
};
