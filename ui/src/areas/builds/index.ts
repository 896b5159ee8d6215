import { IconBookmark, IconBuildingFactory2, IconList, IconSitemap } from '@tabler/icons-react';
import type { Row } from '@/api/client';
import type { Area } from '@/shared/description';

const partName = (row: Row, detail = 'part_detail') => (row[detail] as { full_name?: string; name?: string } | null | undefined)?.full_name ?? '';

export const area: Area = {
  name: 'builds',
  label: 'Manufacturing',
  icon: IconBuildingFactory2,
  order: 30,
  navigation: ['builds'],
  kinds: [
    {
      model: 'build',
      path: 'builds',
      api: '/api/build/',
      name: 'Build order',
      plural: 'Build orders',
      icon: IconBuildingFactory2,
      role: 'build',
      states: 'BuildStatus',
      title: (row) => String(row.reference ?? ''),
      subtitle: (row) => [partName(row), row.title].filter(Boolean).join(' · '),
      image: (row) => (row.part_detail as { thumbnail?: string } | undefined)?.thumbnail,
      query: { part_detail: true },
      isSearched: true,
      load: () => import('./build'),
    },
    { model: 'buildline', path: 'build-lines', api: '/api/build/line/', name: 'Required part', plural: 'Required parts', icon: IconList, role: 'build', title: (row) => partName(row) || String(row.pk), query: { part_detail: true }, load: () => import('./line') },
    { model: 'builditem', path: 'build-allocations', api: '/api/build/item/', name: 'Allocation', plural: 'Allocations', icon: IconBookmark, role: 'build', title: (row) => partName(row) || String(row.pk), load: () => import('./allocation') },
    { model: 'bomitem', path: 'bom-lines', api: '/api/bom/', name: 'BOM line', plural: 'BOM lines', icon: IconSitemap, role: 'bom', title: (row) => partName(row, 'sub_part_detail') || String(row.pk), query: { sub_part_detail: true }, load: () => import('./bomLine') },
    { model: 'bomitemsubstitute', path: 'bom-substitutes', api: '/api/bom/substitute/', name: 'Substitute', plural: 'Substitutes', icon: IconSitemap, role: 'bom', title: (row) => partName(row) || String(row.pk), load: () => import('./substitute') },
  ],
};
