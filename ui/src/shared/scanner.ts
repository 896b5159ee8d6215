/** Scans: a barcode scanner types faster than anybody; what it typed is looked up and given to whoever wants it. */
import { useEffect, useRef } from 'react';
import { ApiError, post, type Row } from '@/api/client';
import { kinds } from '@/app/registry';

export interface Scan {
  barcode: string;
  /** What the code names; null where nothing is known of it. */
  model: string | null;
  pk: number;
  row: Row | null;
  /** What the server says where it names nothing. */
  message: string;
}

interface Target {
  /** True where the scan was for it. */
  take: (scan: Scan) => boolean;
  isFocused: () => boolean;
}

const targets: Target[] = [];

/** Longest pause between two characters of a scanner, in milliseconds. */
const PAUSE = 40;
const SHORTEST = 4;

/** Reads keys; answers the text of a scan when its last key came. */
export function reader(): (key: string, time: number) => string | null {
  let text = '';
  let last = 0;
  return (key, time) => {
    if (time - last > PAUSE) text = '';
    last = time;
    if (key === 'Enter' || key === 'Tab') {
      const scanned = text.length >= SHORTEST ? text : null;
      text = '';
      return scanned;
    }
    if (key.length === 1) text += key;
    return null;
  };
}

/** What a code names. */
export async function lookUp(barcode: string): Promise<Scan> {
  const nothing: Scan = { barcode, model: null, pk: 0, row: null, message: '' };
  try {
    const answer = await post<Record<string, unknown>>('/api/barcode/', { barcode });
    for (const { model } of kinds) {
      const found = answer[model] as { pk: number; instance?: Row } | undefined;
      if (found?.pk) return { ...nothing, model, pk: found.pk, row: found.instance ?? null };
    }
    return { ...nothing, message: String(answer.error ?? '') };
  } catch (error) {
    if (error instanceof ApiError && error.status === 400) return { ...nothing, message: error.message };
    throw error;
  }
}

/** Gives a scan to the field that is focused, else to the first that wants it. */
export function offer(scan: Scan): boolean {
  const order = [...targets].sort((a, b) => Number(b.isFocused()) - Number(a.isFocused()));
  return order.some((target) => target.take(scan));
}

/** Takes scans as long as the component is there. */
export function useScans(take: (scan: Scan) => boolean, isFocused: () => boolean = () => false): void {
  const latest = useRef({ take, isFocused });
  latest.current = { take, isFocused };
  useEffect(() => {
    const target: Target = { take: (scan) => latest.current.take(scan), isFocused: () => latest.current.isFocused() };
    targets.push(target);
    return () => {
      targets.splice(targets.indexOf(target), 1);
    };
  }, []);
}

let audio: AudioContext | undefined;

/** A short sound: high where the scan was understood, low where not. */
export function beep(isGood: boolean): void {
  try {
    audio ??= new AudioContext();
    const sound = audio.createOscillator();
    const volume = audio.createGain();
    sound.frequency.value = isGood ? 1320 : 220;
    volume.gain.value = 0.06;
    sound.connect(volume).connect(audio.destination);
    sound.start();
    sound.stop(audio.currentTime + (isGood ? 0.08 : 0.25));
  } catch {
    // no sound here
  }
}
