import { IconTablePlus } from '@tabler/icons-react';
import type { Area } from '@/shared/description';
import { MAKES } from '../importer';

export const area: Area = {
  name: 'quick',
  label: 'Tools',
  icon: IconTablePlus,
  pages: [
    { path: 'quick', title: 'Quick entry', icon: IconTablePlus, words: 'many spreadsheet paste rows fifty table', load: () => import('./Quick'), needs: MAKES },
  ],
};
