import { IconBarcode } from '@tabler/icons-react';
import type { Area } from '@/shared/description';

export const area: Area = {
  name: 'scan',
  label: 'Scanning',
  icon: IconBarcode,
  order: 5,
  navigation: ['scan'],
  pages: [
    { path: 'scan', title: 'Scan', icon: IconBarcode, words: 'barcode QR scanner put away move count receive', load: () => import('./Scan') },
  ],
};
