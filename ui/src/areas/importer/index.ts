import { IconFileImport } from '@tabler/icons-react';
import type { Area, Verb } from '@/shared/description';

/** Rights of which one is needed to make records of any kind. */
export const MAKES: [string, Verb][] = ['part', 'stock', 'stock_location', 'part_category', 'bom', 'purchase_order', 'sales_order', 'return_order', 'transfer_order', 'build'].map((role) => [role, 'add']);

export const area: Area = {
  name: 'importer',
  label: 'Tools',
  icon: IconFileImport,
  order: 80,
  navigation: ['import', 'quick', 'shop'],
  pages: [
    { path: 'import', title: 'Import', icon: IconFileImport, words: 'csv tsv xlsx excel spreadsheet file wizard', load: () => import('./Import'), needs: MAKES },
  ],
};
