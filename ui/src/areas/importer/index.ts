import { IconFileImport } from '@tabler/icons-react';
import type { Area } from '@/shared/description';

export const area: Area = {
  name: 'importer',
  label: 'Tools',
  icon: IconFileImport,
  order: 80,
  navigation: ['import', 'quick', 'shop'],
  pages: [
    { path: 'import', title: 'Import', icon: IconFileImport, words: 'csv tsv xlsx excel spreadsheet file wizard', load: () => import('./Import') },
  ],
};
