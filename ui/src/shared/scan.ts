/** What was scanned, and who takes it: fields of forms that are open, then the newest part of the page that asked for scans. */
import { type RefObject, useEffect, useRef } from 'react';
import type { Row } from '@/api/client';

export interface Scan {
  /** As it was read. */
  code: string;
  /** A printed command instead of a record. */
  command?: Command;
  /** The record that the code names. */
  model?: string;
  pk?: number;
  row?: Row;
  /** Keys of all records that it names, by kind: a label of a supplier names an order, too. */
  all?: Record<string, number>;
  /** It is the label of a supplier. */
  isSupplier?: boolean;
  /** Why nothing was found. */
  error?: string;
}

export type Command = 'done' | 'cancel';

/** Takes a scan, or leaves it to others. */
export type Taker = (scan: Scan) => boolean;

/** An input that takes records of a kind. */
interface ScanField {
  element: HTMLElement;
  model: string;
  isEmpty: boolean;
  take: (pk: number, row: Row | undefined) => void;
}

const takers: { current: Taker; place: RefObject<Element | null> | undefined }[] = [];
const fields = new Set<{ current: ScanField | null }>();

/** While the calling component is shown, scans come to `taker` first; with a place, only while no other dialog covers it. */
export function useScans(taker: Taker, place?: RefObject<Element | null>): void {
  const kept = useRef(taker);
  useEffect(() => {
    kept.current = taker;
  });
  useEffect(() => {
    const entry = {
      place,
      get current() {
        return kept.current;
      },
    };
    takers.push(entry);
    return () => {
      takers.splice(takers.indexOf(entry), 1);
    };
  }, [place]);
}

/** Makes an input take scans of its kind of record. */
export function useScanField(field: () => ScanField | null): void {
  const kept = useRef<ScanField | null>(null);
  useEffect(() => {
    kept.current = field();
  });
  useEffect(() => {
    fields.add(kept);
    return () => {
      fields.delete(kept);
    };
  }, []);
}

/** The key of a record of that kind behind a scan: itself, or the part of a stock item. */
function keyFor(scan: Scan, model: string): { pk: number; row: Row | undefined } | undefined {
  if (scan.model === model && scan.pk !== undefined) return { pk: scan.pk, row: scan.row };
  const other = scan.all?.[model];
  if (other !== undefined) return { pk: other, row: undefined };
  const part = model === 'part' && ['stockitem', 'supplierpart', 'manufacturerpart'].includes(scan.model ?? '') ? scan.row?.part : undefined;
  return typeof part === 'number' ? { pk: part, row: undefined } : undefined;
}

/** The dialog that lies above all others; that of scanning lies below those that are opened from it. */
function topDialog(): Element | undefined {
  const all = [...document.querySelectorAll('[role="dialog"]')];
  return all.filter((dialog) => !dialog.closest('[data-scan-base]')).at(-1) ?? all.at(-1);
}

/** The focused field goes first, then the first empty one, then the first, in the order of the page. */
function takeByField(scan: Scan): boolean {
  const place = topDialog() ?? document.querySelector('[data-scan-fields]');
  const open = [...fields]
    .map((field) => field.current)
    .filter((field): field is ScanField => field !== null && field.element.isConnected)
    .filter((field) => !field.element.closest('[data-scan-off]'))
    .filter((field) => field.element === document.activeElement || (place?.contains(field.element) ?? false))
    .sort((a, b) => (a.element.compareDocumentPosition(b.element) & Node.DOCUMENT_POSITION_FOLLOWING ? -1 : 1));
  const fitting = open.filter((field) => keyFor(scan, field.model));
  // a field of the very kind goes before one that takes what belongs to it
  const exact = fitting.filter((field) => field.model === scan.model);
  const choices = exact.length > 0 ? exact : fitting;
  const chosen = choices.find((field) => field.element === document.activeElement) ?? choices.find((field) => field.isEmpty) ?? choices[0];
  const found = chosen && keyFor(scan, chosen.model);
  if (!chosen || !found) return false;
  chosen.take(found.pk, found.row);
  return true;
}

function submitTopDialog(): boolean {
  const form = topDialog()?.querySelector('form');
  form?.requestSubmit();
  return Boolean(form);
}

/** Gives a scan to whoever takes it; false where nobody does. */
export function offer(scan: Scan): boolean {
  if (takeByField(scan)) return true;
  const dialog = topDialog();
  for (const { current, place } of [...takers].reverse()) {
    const isCovered = dialog && place && !(place.current && dialog.contains(place.current));
    if (!isCovered && current(scan)) return true;
  }
  return scan.command === 'done' && submitTopDialog();
}

export const hasDialog = (): boolean => topDialog() !== undefined;
