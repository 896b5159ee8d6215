/** Asks the server what a code names. */
import { ApiError, call, type Row } from '@/api/client';
import type { Command, Scan } from '@/shared/scan';

/** Codes of ours that name no record. */
const PREFIX = 'IRONWOOD:';
export const commandCode = (command: Command) => `${PREFIX}${command.toUpperCase()}`;
export const badgeCode = (user: number) => `${PREFIX}USER:${user}`;

/** The user on a badge. */
export function badgeOf(code: string): number | undefined {
  const found = /^IRONWOOD:USER:(\d+)$/i.exec(code.trim());
  return found ? Number(found[1]) : undefined;
}

const COMMANDS: Record<string, Command> = {
  [commandCode('done')]: 'done',
  [commandCode('cancel')]: 'cancel',
  DONE: 'done',
  CANCEL: 'cancel',
};
/** The decoder of our own codes; all others read labels of suppliers. */
const OWN = 'InvenTreeBarcode';
/** How labels of suppliers begin: ISO/IEC 15434, and LCSC's pairs. */
const LABEL = /^>?\[\)>|^\{(pbn|pc|on):/;

interface Found {
  pk: number;
  instance?: Row;
}

function scanOf(code: string, body: Record<string, unknown>): Scan {
  const isSupplier = LABEL.test(code) || (typeof body.plugin === 'string' && body.plugin !== OWN);
  const found = Object.entries(body).filter((entry): entry is [string, Found] => typeof entry[1] === 'object' && entry[1] !== null && 'pk' in entry[1]);
  // a bag is about the part in it before it is about its order
  const [model, first] = found.find(([model]) => model === 'supplierpart') ?? found[0] ?? [];
  if (model && first) {
    const all = Object.fromEntries(found.map(([model, { pk }]) => [model, pk]));
    return { code, model, pk: first.pk, all, isSupplier, ...(first.instance && { row: first.instance }) };
  }
  return { code, isSupplier, error: typeof body.error === 'string' ? body.error : 'No match was found for this barcode.' };
}

export async function read(code: string): Promise<Scan> {
  const command = COMMANDS[code.trim().toUpperCase()];
  if (command) return { code, command };
  if (badgeOf(code) !== undefined) return { code };
  try {
    return scanOf(code, await call<Record<string, unknown>>('POST', '/api/barcode/', { body: { barcode: code } }));
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return { code, isSupplier: LABEL.test(code), error: error.message };
  }
}
