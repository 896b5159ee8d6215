/** Installed pages: what was seen is read while the server cannot be reached, and the pages say so. */
import { useSyncExternalStore } from 'react';
import { at } from '@/api/client';

/** When an answer that is shown came from the server, where it did not come just now. */
let seen: string | null = null;
const listeners = new Set<() => void>();

/** Told of every answer; its worker marks those that it kept. */
export function noteAnswer(response: Response): void {
  const now = response.headers.get('X-Ironwood-Seen');
  // the oldest of what is shown
  const next = now && seen && seen < now ? seen : now;
  if (next === seen) return;
  seen = next;
  listeners.forEach((listener) => listener());
}

const subscribe = (listener: () => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};

export const useSeen = () => useSyncExternalStore(subscribe, () => seen);

export function startWorker(): void {
  if (!import.meta.env.PROD || !('serviceWorker' in navigator)) return;
  const start = async () => {
    await navigator.serviceWorker.register(at('sw.js'), { scope: at('/') });
    const { active } = await navigator.serviceWorker.ready;
    active?.postMessage({ files: performance.getEntriesByType('resource').map((entry) => entry.name) });
  };
  // pages work without it
  start().catch(() => {});
}

/** Throws away what was seen; at the end of a session. */
export async function forgetSeen(): Promise<void> {
  seen = null;
  navigator.serviceWorker?.controller?.postMessage('forget');
  if ('caches' in window) await caches.delete('ironwood-seen-1').catch(() => false);
}
