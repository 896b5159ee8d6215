import { IconAddressBook, IconBuilding, IconBuildingFactory, IconMapPin2, IconReceipt, IconTruckDelivery } from '@tabler/icons-react';
import type { Row } from '@/api/client';
import type { Area } from '@/shared/description';

const nameOf = (row: Row, detail: string) => (row[detail] as { name?: string } | null | undefined)?.name ?? '';

export const area: Area = {
  name: 'companies',
  label: 'Companies',
  icon: IconBuilding,
  order: 70,
  navigation: ['companies', 'supplier-parts', 'manufacturer-parts'],
  kinds: [
    {
      model: 'company',
      path: 'companies',
      api: '/api/company/',
      name: 'Company',
      plural: 'Companies',
      icon: IconBuilding,
      role: 'company',
      title: (row) => String(row.name ?? ''),
      subtitle: (row) => String(row.description ?? ''),
      image: (row) => (row.thumbnail ?? row.image) as string | null,
      isSearched: true,
      load: () => import('./company'),
    },
    {
      model: 'supplierpart',
      path: 'supplier-parts',
      api: '/api/company/part/',
      name: 'Supplier part',
      plural: 'Supplier parts',
      icon: IconTruckDelivery,
      role: 'supplierpart',
      title: (row) => [nameOf(row, 'supplier_detail'), row.SKU].filter(Boolean).join(' · '),
      subtitle: (row) => nameOf(row, 'part_detail'),
      image: (row) => (row.part_detail as { thumbnail?: string } | undefined)?.thumbnail,
      query: { part_detail: true, supplier_detail: true },
      isSearched: true,
      load: () => import('./supplierPart'),
    },
    {
      model: 'manufacturerpart',
      path: 'manufacturer-parts',
      api: '/api/company/part/manufacturer/',
      name: 'Manufacturer part',
      plural: 'Manufacturer parts',
      icon: IconBuildingFactory,
      role: 'manufacturerpart',
      title: (row) => [nameOf(row, 'manufacturer_detail'), row.MPN].filter(Boolean).join(' · '),
      subtitle: (row) => nameOf(row, 'part_detail'),
      image: (row) => (row.part_detail as { thumbnail?: string } | undefined)?.thumbnail,
      query: { part_detail: true, manufacturer_detail: true },
      isSearched: true,
      load: () => import('./manufacturerPart'),
    },
    { model: 'contact', path: 'contacts', api: '/api/company/contact/', name: 'Contact', plural: 'Contacts', icon: IconAddressBook, role: 'contact', title: (row) => String(row.name ?? ''), load: () => import('./contact') },
    { model: 'address', path: 'addresses', api: '/api/company/address/', name: 'Address', plural: 'Addresses', icon: IconMapPin2, role: 'address', title: (row) => String(row.title ?? ''), load: () => import('./address') },
    { model: 'supplierpricebreak', path: 'price-breaks', api: '/api/company/price-break/', name: 'Price break', plural: 'Price breaks', icon: IconReceipt, role: 'supplierpricebreak', title: (row) => String(row.quantity ?? ''), load: () => import('./priceBreak') },
  ],
};
