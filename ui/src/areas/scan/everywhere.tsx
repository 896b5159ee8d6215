/** Scans on any page, without a field that is focused. */
import { useNavigate } from '@tanstack/react-router';
import { useEffect } from 'react';
import { translate } from '@/app/i18n';
import { kindOf, linkTo } from '@/app/registry';
import { failed } from '@/shared/notify';
import { beep, lookUp, offer, reader } from '@/shared/scanner';

/** A scan into a text field is a text, but not into one that takes a record. */
function isTyping(element: Element | null): boolean {
  const isText = element instanceof HTMLTextAreaElement || (element instanceof HTMLInputElement && !['checkbox', 'radio', 'button'].includes(element.type));
  return isText && !element.hasAttribute('data-scan');
}

export default function Wedge() {
  const navigate = useNavigate();
  useEffect(() => {
    const read = reader();
    const scanned = async (text: string) => {
      const scan = await lookUp(text);
      const isTaken = offer(scan);
      beep(isTaken || scan.model !== null);
      if (isTaken) return;
      const kind = kindOf(scan.model ?? undefined);
      if (kind?.load) void navigate({ to: linkTo(kind, scan.pk) as never });
      else failed(scan.message || translate('Nothing is known of the code {{code}}.', { code: text }));
    };
    const onKey = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const text = read(event.key, event.timeStamp);
      if (text === null || isTyping(document.activeElement)) return;
      event.preventDefault();
      event.stopPropagation();
      scanned(text).catch(failed);
    };
    window.addEventListener('keydown', onKey, { capture: true });
    return () => window.removeEventListener('keydown', onKey, { capture: true });
  }, [navigate]);
  return null;
}
