/** Copies a text. Pages that do not come by HTTPS have no clipboard of their own: there, the old way is used. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const place = document.createElement('textarea');
    place.value = text;
    place.readOnly = true;
    place.style.position = 'fixed';
    place.style.opacity = '0';
    // inside of a dialog, which keeps the focus
    (document.activeElement?.closest('[role="dialog"]') ?? document.body).append(place);
    place.select();
    const isDone = document.execCommand('copy');
    place.remove();
    return isDone;
  }
}
