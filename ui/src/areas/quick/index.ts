import { IconTablePlus } from '@tabler/icons-react';
import type { Area } from '@/shared/description';

export const area: Area = {
  name: 'quick',
  label: 'Tools',
  icon: IconTablePlus,
  pages: [
    { path: 'quick', title: 'Quick entry', icon: IconTablePlus, words: 'many spreadsheet paste rows fifty table', load: () => import('./Quick') },
  ],
};
