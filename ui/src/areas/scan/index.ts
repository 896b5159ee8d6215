import { IconBarcode } from '@tabler/icons-react';
import type { Area, Verb } from '@/shared/description';
import type { Mode } from './station';

const open = (mode: Mode) => () => import('./station').then(({ openStation }) => openStation({ mode }));

/** Rights of which one is needed for what is scanned to lead somewhere. */
export const SEES: [string, Verb][] = ['stock', 'part', 'stock_location', 'build', 'purchase_order', 'sales_order', 'return_order', 'transfer_order'].map((role) => [role, 'view']);

export const area: Area = {
  name: 'scan',
  label: 'Scanning',
  icon: IconBarcode,
  order: 5,
  navigation: ['scan'],
  commands: [
    { name: 'scan-look', label: 'Look up by scanning', icon: IconBarcode, words: 'scan barcode', run: open('look') },
    { name: 'scan-move', label: 'Move by scanning', icon: IconBarcode, words: 'scan barcode transfer', role: 'stock', needs: 'add', run: open('move') },
    { name: 'scan-count', label: 'Count by scanning', icon: IconBarcode, words: 'scan barcode stocktake', role: 'stock', needs: 'add', run: open('count') },
    { name: 'scan-receive', label: 'Receive by scanning', icon: IconBarcode, words: 'scan barcode purchase order', role: 'purchase_order', needs: 'add', run: open('receive') },
  ],
  pages: [
    { path: 'scan', title: 'Scan', icon: IconBarcode, words: 'barcode QR scanner put away move count receive', load: () => import('./Scan'), needs: SEES },
  ],
};
