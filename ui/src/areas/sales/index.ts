import { IconBookmark, IconList, IconTruck, IconTruckDelivery } from '@tabler/icons-react';
import type { Row } from '@/api/client';
import type { Area } from '@/shared/description';

const partName = (row: Row) => (row.part_detail as { full_name?: string; name?: string } | null | undefined)?.full_name ?? '';

export const area: Area = {
  name: 'sales',
  label: 'Sales',
  icon: IconTruckDelivery,
  order: 50,
  navigation: ['sales-orders', 'shipments'],
  kinds: [
    {
      model: 'salesorder',
      path: 'sales-orders',
      api: '/api/order/so/',
      name: 'Sales order',
      plural: 'Sales orders',
      icon: IconTruckDelivery,
      role: 'sales_order',
      states: 'SalesOrderStatus',
      title: (row) => String(row.reference ?? ''),
      subtitle: (row) => [(row.customer_detail as { name?: string } | null | undefined)?.name, row.description].filter(Boolean).join(' · '),
      query: { customer_detail: true },
      isSearched: true,
      load: () => import('./order'),
    },
    { model: 'salesorderlineitem', path: 'sales-order-lines', api: '/api/order/so-line/', name: 'Line', plural: 'Sales order lines', icon: IconList, role: 'sales_order', title: (row) => partName(row) || String(row.reference ?? row.pk), query: { part_detail: true }, load: () => import('./line') },
    { model: 'salesorderextraline', path: 'sales-order-extra-lines', api: '/api/order/so-extra-line/', name: 'Extra line', plural: 'Extra lines', icon: IconList, role: 'sales_order', title: (row) => String(row.reference ?? row.pk), load: () => import('./extraLine') },
    {
      model: 'salesordershipment',
      path: 'shipments',
      api: '/api/order/so/shipment/',
      name: 'Shipment',
      plural: 'Shipments',
      icon: IconTruck,
      role: 'sales_order',
      title: (row) => [(row.order_detail as { reference?: string } | null | undefined)?.reference, row.reference].filter(Boolean).join(' / '),
      query: { order_detail: true },
      isSearched: true,
      load: () => import('./shipment'),
    },
    { model: 'salesorderallocation', path: 'sales-order-allocations', api: '/api/order/so-allocation/', name: 'Allocation', plural: 'Allocations', icon: IconBookmark, role: 'sales_order', title: (row) => partName(row), query: { part_detail: true }, load: () => import('./allocation') },
  ],
};
