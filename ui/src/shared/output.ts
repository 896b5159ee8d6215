/** Files that the server writes: lists, labels, reports. It says how far it is until the file is there. */
import { at, call, get, type Row } from '@/api/client';

export interface Output extends Row {
  complete: boolean;
  progress: number;
  total: number;
  output: string | null;
  errors: unknown;
}

const FIRST_PAUSE = 150;
const LONGEST_PAUSE = 1_500;
const GROWTH = 1.4;

/** What went wrong, as a text to read. */
export function faultOf(errors: unknown): string {
  if (typeof errors === 'string') return errors;
  if (Array.isArray(errors)) return errors.map(faultOf).join(' ');
  if (errors && typeof errors === 'object') {
    return Object.entries(errors)
      .map(([name, inner]) => (['error', 'detail', 'message', 'non_field_errors'].includes(name) ? faultOf(inner) : `${name}: ${faultOf(inner)}`))
      .join(' ');
  }
  return String(errors);
}

/** Percent that are done; nothing where that is not known. */
export const percentOf = ({ progress, total }: Output): number | undefined => (total ? Math.min(100, (100 * progress) / total) : undefined);

/** Waits until a file is there. Ends with an error where it cannot be written, and with nothing where it was given up. */
export async function waitFor(first: Output, told: (output: Output) => void, signal?: AbortSignal): Promise<Output | undefined> {
  let output = first;
  for (let pause = FIRST_PAUSE; !output.complete && !output.errors; pause = Math.min(LONGEST_PAUSE, pause * GROWTH)) {
    told(output);
    await new Promise((resolve) => setTimeout(resolve, pause));
    if (signal?.aborted) {
      await call('DELETE', `/api/data-output/${output.pk}/`).catch(() => {});
      return undefined;
    }
    output = await get<Output>(`/api/data-output/${output.pk}/`);
  }
  if (output.errors) throw new Error(faultOf(output.errors));
  return output;
}

/** The address of a file, under the prefix of this page. */
export const addressOf = (path: string) => (path.startsWith('http') ? path : at(path));

export function save(path: string): void {
  const link = document.createElement('a');
  link.href = addressOf(path);
  link.download = '';
  link.click();
}

/** Prints a file with the browser, in a frame that nobody sees. */
export async function printFile(path: string): Promise<void> {
  const answer = await fetch(addressOf(path), { credentials: 'same-origin' });
  if (!answer.ok) throw new Error(`${answer.status} ${answer.statusText}`);
  const url = URL.createObjectURL(await answer.blob());
  const frame = document.createElement('iframe');
  Object.assign(frame.style, { position: 'fixed', width: '0', height: '0', border: '0', visibility: 'hidden' });
  frame.setAttribute('aria-hidden', 'true');
  await new Promise<void>((resolve, reject) => {
    frame.onload = () => {
      try {
        frame.contentWindow?.focus();
        frame.contentWindow?.print();
        resolve();
      } catch (error) {
        reject(error as Error);
      }
    };
    frame.src = url;
    document.body.append(frame);
  });
  // the dialog of the browser may stand open for long
  window.addEventListener('focus', () => setTimeout(() => { frame.remove(); URL.revokeObjectURL(url); }, 60_000), { once: true });
}
