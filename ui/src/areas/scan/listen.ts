/** Catches what a scanner types, wherever the focus is, without taking anything from a person who types. */
import { Wedge } from './wedge';

/** Where the scanner typed into. */
export interface Typed {
  /** Gives the field back what stood there before. */
  restore: () => void;
}

type TextField = HTMLInputElement | HTMLTextAreaElement;
const NO_TEXT = new Set(['checkbox', 'radio', 'button', 'submit', 'range', 'file', 'color']);

function textField(target: EventTarget | null): TextField | null {
  if (target instanceof HTMLTextAreaElement) return target;
  return target instanceof HTMLInputElement && !NO_TEXT.has(target.type) ? target : null;
}

/** Sets a value as if it had been typed, so that React sees it. */
function write(field: TextField, value: string) {
  const prototype = field instanceof HTMLTextAreaElement ? HTMLTextAreaElement.prototype : HTMLInputElement.prototype;
  Object.getOwnPropertyDescriptor(prototype, 'value')?.set?.call(field, value);
  field.dispatchEvent(new Event('input', { bubbles: true }));
}

/** Calls back with each code; gives the function that ends it. */
export function listen(found: (code: string, typed: Typed | null) => void): () => void {
  const wedge = new Wedge();
  let before: { field: TextField; value: string } | null = null;

  const down = (event: KeyboardEvent) => {
    const field = textField(event.target);
    // a password is never looked at
    if (field?.type === 'password' || event.isComposing || event.metaKey) {
      wedge.reset();
      return;
    }
    const wasBurst = wedge.isBurst;
    const code = wedge.press({
      key: event.key,
      ctrl: event.ctrlKey,
      alt: event.altKey,
      repeat: event.repeat,
      time: event.timeStamp,
    });
    if (code !== null) {
      // the end of a scan presses no button and sends no form
      event.preventDefault();
      event.stopImmediatePropagation();
      const kept = before;
      before = null;
      found(code, kept && { restore: () => write(kept.field, kept.value) });
      return;
    }
    if (wedge.isStart) before = field ? { field, value: field.value } : null;
    // control keys and spaces of a burst do nothing else: no bookmark, no button
    if ((wasBurst || wedge.isLabel) && !wedge.isEmpty && (event.ctrlKey || (event.key === ' ' && !field))) {
      event.preventDefault();
      event.stopImmediatePropagation();
    }
  };
  const up = (event: KeyboardEvent) => {
    if (event.key === 'Alt') wedge.releaseAlt(event.timeStamp);
  };
  document.documentElement.dataset.scanner = 'ready';
  window.addEventListener('keydown', down, true);
  window.addEventListener('keyup', up, true);
  return () => {
    window.removeEventListener('keydown', down, true);
    window.removeEventListener('keyup', up, true);
  };
}
