import { IconHome } from '@tabler/icons-react';
import type { Area } from '@/shared/description';

export const area: Area = {
  name: 'home',
  label: 'Home',
  icon: IconHome,
  order: 0,
  pages: [{ path: '', title: 'Home', icon: IconHome, load: () => import('./Home') }],
};
