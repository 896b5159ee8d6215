/** The scanning dialog: whether it is open, and what for. */
import { useSyncExternalStore } from 'react';
import type { Scan } from '@/shared/scan';

export type Mode = 'look' | 'put' | 'move' | 'count' | 'receive';

export interface Station {
  mode: Mode;
  /** What has been scanned already. */
  first?: Scan;
  /** Where things are put. */
  location?: number;
  hasCamera?: boolean;
}

let station: Station | null = null;
const listeners = new Set<() => void>();

function set(next: Station | null) {
  station = next;
  listeners.forEach((listener) => listener());
}

export const openStation = (next: Station) => set(next);
export const closeStation = () => set(null);
export const useStation = () =>
  useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    () => station,
  );
