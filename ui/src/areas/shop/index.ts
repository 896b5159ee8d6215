import { IconTool } from '@tabler/icons-react';
import type { Area } from '@/shared/description';
import { isForShopFloor, NEEDS } from './rights';

export const area: Area = {
  name: 'shop',
  label: 'Shop floor',
  icon: IconTool,
  pages: [
    { path: 'shop', title: 'Shop floor', icon: IconTool, words: 'take bring back use tool tablet kiosk', load: () => import('./Shop'), isBare: true, needs: NEEDS, startsFor: isForShopFloor },
  ],
};
