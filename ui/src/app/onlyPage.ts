/** A device that is kept on one page, such as a tablet on the shop floor: whoever is signed in there sees no other. */
import { useSyncExternalStore } from 'react';

const KEY = 'ironwood.only-page';
const listeners = new Set<() => void>();

const read = (): string | null => localStorage.getItem(KEY);

/** Keeps this device on a page; without one, it has all pages again. */
export function keepOn(path: string | null): void {
  if (path === null) localStorage.removeItem(KEY);
  else localStorage.setItem(KEY, path);
  listeners.forEach((listener) => listener());
}

const subscribe = (listener: () => void) => {
  listeners.add(listener);
  window.addEventListener('storage', listener);
  return () => {
    listeners.delete(listener);
    window.removeEventListener('storage', listener);
  };
};

/** The page that this device is kept on. */
export const useOnlyPage = () => useSyncExternalStore(subscribe, read);
