import { IconQrcode } from '@tabler/icons-react';
import type { Area } from '@/shared/description';
import { SEES } from '../scan';

export const area: Area = {
  name: 'labels',
  label: 'Tools',
  icon: IconQrcode,
  pages: [
    { path: 'labels', title: 'Barcode labels', icon: IconQrcode, words: 'barcode qr print sheet badge', load: () => import('./Labels'), isBare: true, needs: SEES },
  ],
};
