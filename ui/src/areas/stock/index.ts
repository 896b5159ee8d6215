import { IconClipboardCheck, IconMapPin, IconPackages, IconTags } from '@tabler/icons-react';
import type { Area } from '@/shared/description';
import { quantity } from '@/shared/format';

/** `Resistor × 40`, `Board #17`. */
function itemTitle(row: Record<string, unknown>): string {
  const part = row.part_detail as { full_name?: string; name?: string; units?: string } | undefined;
  const name = part?.full_name ?? part?.name ?? `#${String(row.pk)}`;
  return row.serial ? `${name} #${String(row.serial)}` : `${name} × ${quantity(row.quantity, part?.units)}`;
}

export const area: Area = {
  name: 'stock',
  label: 'Stock',
  icon: IconPackages,
  order: 20,
  navigation: ['stock', 'locations'],
  kinds: [
    {
      model: 'stockitem',
      path: 'stock',
      api: '/api/stock/',
      name: 'Stock item',
      plural: 'Stock',
      icon: IconPackages,
      role: 'stock',
      states: 'StockStatus',
      title: itemTitle,
      subtitle: (row) =>
        [(row.location_detail as { pathstring?: string } | undefined)?.pathstring, row.batch && `${String(row.batch)}`].filter(Boolean).join(' · '),
      image: (row) => (row.part_detail as { thumbnail?: string } | undefined)?.thumbnail,
      query: { part_detail: true, location_detail: true },
      isSearched: true,
      load: () => import('./item'),
    },
    {
      model: 'stocklocation',
      path: 'locations',
      api: '/api/stock/location/',
      name: 'Location',
      plural: 'Locations',
      icon: IconMapPin,
      role: 'stock_location',
      title: (row) => String(row.pathstring ?? row.name ?? ''),
      subtitle: (row) => String(row.description ?? ''),
      isSearched: true,
      load: () => import('./location'),
    },
    {
      model: 'stocklocationtype',
      path: 'location-types',
      api: '/api/stock/location-type/',
      name: 'Location type',
      plural: 'Location types',
      icon: IconTags,
      role: 'stock_location',
      title: (row) => String(row.name ?? ''),
      load: () => import('./locationType'),
    },
    {
      model: 'stockitemtestresult',
      path: 'test-results',
      api: '/api/stock/test/',
      name: 'Test result',
      plural: 'Test results',
      icon: IconClipboardCheck,
      role: 'stock',
      title: (row) => String((row.template_detail as { test_name?: string } | undefined)?.test_name ?? row.pk),
      query: { template_detail: true },
      load: () => import('./testResult'),
    },
    {
      model: 'stockitemtracking',
      path: 'stock-history',
      api: '/api/stock/track/',
      name: 'History entry',
      plural: 'Stock history',
      icon: IconPackages,
      role: 'stock',
      title: (row) => String(row.label ?? row.pk),
    },
  ],
};
